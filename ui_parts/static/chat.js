// The conversation: asking, the states of the turn in the making, what a reader does with a turn, the list of chats.
import { get, post, receive, send } from "./bridge.js";
import { clearCards, openCard, showCards, shownRun } from "./evidence.js";
import { startScope, limits } from "./scope.js";
import { byId, element, lang, onActs, tell, word } from "./shell.js";
import { chat, chats, deleteChat, newId, saveChat } from "./store.js";
import { startTurns } from "./turns.js";

const state = { id: newId(), records: [], running: null, editing: null };
const cards = new Map();

export const recordOf = (run) => state.records.find((record) => record.run === run);
export const records = () => state.records;

export function ask(text, { standalone = false, from = state.records.length } = {}) {
  const question = text.trim();
  if (!question || state.running) return;
  cut(from);
  const run = newId();
  const slot = element("div", { class: "slot", "data-slot": run });
  slot.append(element("p", { class: "asked question" }, question));
  byId("yj-turns").append(slot);
  state.running = { run, slot, question };
  busy(true);
  tell(word("searching"));
  slot.scrollIntoView({ block: "start" });
  const history = state.records.map((record) => record.answer.question);
  send("ask", "ask", { run, text: question, history, standalone, limits: limits(), lang: lang() });
}

// Turns from this one on are taken back: they are asked again, or otherwise.
function cut(from) {
  for (const slot of [...byId("yj-turns").children].slice(from)) slot.remove();
  state.records = state.records.slice(0, from);
}

function take(value) {
  const { running } = state;
  if (!running || value.run !== running.run || value.html === undefined) return;
  running.slot.innerHTML = value.html;
  running.state = value.state;
  if (value.cards !== undefined) {
    cards.set(value.run, value.cards);
    showCards(value.run, value.cards);
  }
  if (value.state === "done") finish(value.record);
  else if (value.state === "stopped" || value.state === "failed") ended(value.state);
}

function finish(record) {
  state.records.push(record);
  state.running = null;
  saveChat(state.id, state.records);
  busy(false);
  listChats();
  tell(word("done_status", { count: record.answer.citations.length }));
}

function ended(how) {
  state.running = null;
  busy(false);
  tell(word(how));
}

function stop() {
  if (!state.running) return;
  const { run, slot } = state.running;
  send("act", "stop", { run });
  for (const preview of slot.querySelectorAll(".preview")) preview.remove();
  const retry = element("button", { type: "button", class: "quiet", "data-act": "retry" }, word("retry"));
  if (!slot.querySelector(".turn")) slot.append(element("div", { class: "answer" }));
  slot.append(element("p", { class: "note" }, word("stopped")), element("footer", { class: "tools" }, retry));
  slot.dataset.question = state.running.question;
  ended("stopped");
  byId("yj-question").focus();
}

function busy(on) {
  document.querySelector("#yj-form [type=submit]").hidden = on;
  document.querySelector("[data-act=stop]").hidden = !on;
  byId("yj-welcome").hidden = on || byId("yj-turns").children.length > 0;
  const whole = document.querySelector("[data-act=export-chat]");
  if (whole) whole.hidden = on || state.records.length < 2;
}

function cite(button) {
  const { slot } = button.closest("[data-slot]").dataset;
  if (shownRun() !== slot) showCards(slot, cards.get(slot) ?? "");
  openCard(button.dataset.n, button);
}

async function openChat(id) {
  const found = chat(id);
  if (!found) return;
  if (state.running) stop();
  closeList();
  Object.assign(state, { id, records: [...found.records] });
  const answer = await post("turns", { records: found.records, lang: lang() });
  byId("yj-turns").replaceChildren();
  clearCards();
  for (const turn of await answer.json()) {
    const slot = element("div", { class: "slot", "data-slot": turn.run });
    slot.innerHTML = turn.html;
    byId("yj-turns").append(slot);
    cards.set(turn.run, turn.cards);
    showCards(turn.run, turn.cards);
  }
  busy(false);
  listChats();
}

// On a narrow page the list lies over the conversation.
function closeList() {
  if (matchMedia("(max-width: 1180px)").matches) document.querySelector(".chats-list").open = false;
}

function newChat() {
  if (state.running) stop();
  Object.assign(state, { id: newId(), records: [] });
  byId("yj-turns").replaceChildren();
  clearCards();
  busy(false);
  listChats();
  byId("yj-question").focus();
}

function listChats() {
  const all = chats();
  byId("yj-chats").replaceChildren(...all.map(({ id, title }) => {
    const open = element("button", { type: "button", class: "chat", "data-act": "open-chat", "data-id": id,
      "aria-current": id === state.id ? "true" : null, title }, title);
    const label = word("delete_chat", { title });
    const remove = element("button", { type: "button", class: "quiet", "data-act": "delete-chat", "data-id": id,
      "aria-label": label }, "×");
    return element("li", {}, open, remove);
  }));
  byId("yj-no-chats").hidden = all.length > 0;
}

function startForm() {
  const box = byId("yj-question");
  const fit = () => { box.style.height = "auto"; box.style.height = `${Math.min(box.scrollHeight, 180)}px`; };
  box.addEventListener("input", fit);
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    byId("yj-form").requestSubmit();
  });
  byId("yj-form").addEventListener("submit", (event) => {
    event.preventDefault();
    if (state.running) return;
    const from = state.editing ?? state.records.length;
    state.editing = null;
    ask(box.value, { standalone: !byId("yj-context").checked, from: Math.min(from, byId("yj-turns").children.length) });
    box.value = "";
    fit();
  });
}

export function edit(index, text) {
  state.editing = index;
  byId("yj-question").value = text;
  byId("yj-question").dispatchEvent(new Event("input"));
  byId("yj-question").focus();
}

export async function startChat() {
  startForm();
  startTurns();
  onActs({
    cite, stop, "new-chat": newChat,
    example: (button) => ask(button.textContent),
    skip: () => byId("yj-question").focus(),
    "open-chat": (button) => openChat(button.dataset.id),
    "delete-chat": (button) => {
      deleteChat(button.dataset.id);
      if (button.dataset.id === state.id) newChat();
      listChats();
    },
  });
  listChats();
  receive("ask", take);
  const start = await (await get("start", { lang: lang() })).json();
  byId("yj-welcome").innerHTML = start.welcome;
  startScope(start.scope);
  return start;
}
