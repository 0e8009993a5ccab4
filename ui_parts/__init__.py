"""The parts of the page, which know no Gradio: views, templates, styles, scripts. ``ui.py`` puts them together."""
