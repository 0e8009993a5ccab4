// Starts the page once Gradio has drawn its frame: pages by the address, theme, language, then the parts.
import { get } from "./bridge.js";
import { startChat } from "./chat.js";
import { startEvidence } from "./evidence.js";
import { startLibrary } from "./library.js";
import { startScope, startScopeActs } from "./scope.js";
import { byId, lang, onActs, root } from "./shell.js";
import { applyTheme, isDark, toggleTheme } from "./theme.js";

let listLibrary = () => {};

async function showPage() {
  const wanted = location.hash.slice(1);
  const name = ["library", "eval"].includes(wanted) ? wanted : "ask";
  for (const page of root().querySelectorAll("[data-page]")) page.hidden = page.dataset.page !== name;
  for (const link of root().querySelectorAll("[data-page-link]")) {
    if (link.dataset.pageLink === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (name === "library") listLibrary();
  if (name === "eval") byId("yj-eval").innerHTML = await (await get("eval", { lang: lang() })).text();
}

function theme() {
  document.querySelector("[data-act=theme]").setAttribute("aria-pressed", String(isDark()));
}

function language(link) {
  document.cookie = `youju_lang=${link.dataset.to}; path=/; max-age=31536000; SameSite=Lax`;
  link.hash = location.hash;
}

async function renew() {
  const start = await (await get("start", { lang: lang() })).json();
  byId("yj-welcome").innerHTML = start.welcome;
  startScope(start.scope);
}

async function start() {
  document.documentElement.lang = root().dataset.tag;
  applyTheme();
  theme();
  onActs({ language, theme: () => { toggleTheme(); theme(); } });
  window.addEventListener("hashchange", showPage);
  if (matchMedia("(max-width: 1180px)").matches) document.querySelector(".chats-list").open = false;
  startEvidence();
  startScopeActs();
  showPage();
  root().dataset.ready = "drawn";
  const begun = await startChat();
  listLibrary = startLibrary(begun, renew);
  if (location.hash === "#library") listLibrary();
  root().dataset.ready = "yes";
}

function whenDrawn() {
  if (root()) return start();
  const seen = new MutationObserver(() => { if (root()) { seen.disconnect(); start(); } });
  seen.observe(document.body, { childList: true, subtree: true });
}

whenDrawn();
