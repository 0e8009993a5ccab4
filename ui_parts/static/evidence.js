// The evidence panel: the cards of one turn, the one in use, and walking to the passages before and after.
import { get } from "./bridge.js";
import { byId, element, lang, onActs, root, word } from "./shell.js";

let shown = null;
let opener = null;

export function showCards(run, html) {
  shown = run;
  byId("yj-cards").innerHTML = html;
  byId("yj-cards").scrollTop = 0;
}

export function clearCards() {
  shown = null;
  byId("yj-cards").replaceChildren(element("p", { class: "panel-note" }, word("evidence_empty")));
  closePanel(false);
}

export const shownRun = () => shown;

export function openCard(n, from) {
  opener = from;
  root().dataset.evidence = "open";
  for (const card of byId("yj-cards").querySelectorAll(".card")) {
    const here = card.dataset.n === String(n);
    card.classList.toggle("is-open", here);
    if (here) {
      card.scrollIntoView({ block: "nearest" });
      card.querySelector("mark")?.scrollIntoView({ block: "nearest" });
      card.focus({ preventScroll: true });
    }
  }
}

function closePanel(back = true) {
  delete root().dataset.evidence;
  if (back && opener?.isConnected) opener.focus();
}

async function walk(button) {
  const card = button.closest(".card");
  const place = card.querySelector("[data-place]");
  const source = place.querySelector(".source");
  card.kept ??= [...place.childNodes];
  const { start, end } = source.dataset;
  const answer = await get("passage", { doc: card.dataset.doc, start, end, step: button.dataset.step, lang: lang() });
  const html = await answer.text();
  place.querySelector(".edge")?.remove();
  if (html) place.innerHTML = html;
  else place.append(element("p", { class: "panel-note edge", role: "status" }, word("at_edge")));
  card.querySelector("[data-act=unwalk]").hidden = false;
}

function unwalk(button) {
  const card = button.closest(".card");
  card.querySelector("[data-place]").replaceChildren(...card.kept);
  card.querySelector(".edge")?.remove();
  button.hidden = true;
  card.focus();
}

export function startEvidence() {
  onActs({ walk, unwalk, "close-evidence": () => closePanel() });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && root().dataset.evidence) closePanel();
  });
}
