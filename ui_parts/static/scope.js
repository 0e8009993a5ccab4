// Which documents a question is limited to: a sheet of boxes to tick above the question, and chips for what is ticked.
import { byId, element, onActs, word } from "./shell.js";

const ticked = () => [...byId("yj-scope").querySelectorAll("input[type=checkbox]:checked")];

export function limits() {
  const found = {};
  for (const box of ticked()) (found[box.name] ??= []).push(box.value);
  return found;
}

function drawChips() {
  const chips = ticked().map((box) => {
    const name = box.closest("label").querySelector("span").textContent;
    const chip = element("button", { type: "button", class: "chip", "aria-label": `${word("filter_clear")} ${name}` }, `${name} ×`);
    chip.addEventListener("click", () => { box.checked = false; drawChips(); });
    return chip;
  });
  byId("yj-chips").replaceChildren(...chips);
  byId("yj-chips").hidden = chips.length === 0;
}

function toggle(button) {
  const sheet = byId("yj-scope");
  sheet.hidden = !sheet.hidden;
  button.setAttribute("aria-expanded", String(!sheet.hidden));
  if (!sheet.hidden) sheet.querySelector("input")?.focus();
}

export function startScope(html) {
  const sheet = byId("yj-scope");
  const kept = new Set(ticked().map((box) => `${box.name}:${box.value}`));
  sheet.innerHTML = html;
  for (const box of sheet.querySelectorAll("input[type=checkbox]")) box.checked = kept.has(`${box.name}:${box.value}`);
  drawChips();
}

export function startScopeActs() {
  const sheet = byId("yj-scope");
  sheet.addEventListener("change", drawChips);
  sheet.addEventListener("input", (event) => {
    if (!event.target.matches(".scope-find")) return;
    for (const label of event.target.closest("fieldset").querySelectorAll("label")) {
      label.hidden = !label.textContent.toLowerCase().includes(event.target.value.toLowerCase());
    }
  });
  onActs({
    scope: toggle,
    "scope-clear": () => { for (const box of ticked()) box.checked = false; drawChips(); },
  });
}
