// The frame of the page and what every part needs of it: words, language, small helpers.
export const root = () => document.getElementById("yj");
export const byId = (id) => document.getElementById(id);
export const lang = () => root().dataset.lang;

let table = null;
export function word(key, values = {}) {
  table ??= JSON.parse(root().dataset.words);
  return table[key].replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

export function tell(text) {
  byId("yj-status").textContent = text;
}

// Clicks on anything with data-act go to the handler of that name.
export function onActs(handlers) {
  document.addEventListener("click", (event) => {
    const source = event.target.closest("[data-act]");
    if (source && handlers[source.dataset.act]) handlers[source.dataset.act](source, event);
  });
}
