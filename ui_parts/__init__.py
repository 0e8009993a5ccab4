"""The parts of the page: views that know no Gradio, their templates, styles and scripts. ``ui.py`` puts them together."""
