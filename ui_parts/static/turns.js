// What a reader does with a finished turn: copy, export, retry, edit, an opinion.
import { post, receive, send } from "./bridge.js";
import { ask, edit, recordOf, records } from "./chat.js";
import { byId, element, lang, onActs, tell, word } from "./shell.js";

const slotOf = (source) => source.closest("[data-slot]");
const indexOf = (slot) => [...byId("yj-turns").children].indexOf(slot);
const questionOf = (slot) => slot.querySelector(".question")?.textContent ?? slot.dataset.question;

async function copy(button) {
  const { answer } = recordOf(slotOf(button).dataset.slot);
  const sources = answer.citations.map((c) => `[${c.n}] ${[`《${c.info.title || c.doc}》`, c.info.number, ...c.locator.path]
    .filter(Boolean).join("，")}：“${c.shown || c.quote}”`);
  await toClipboard([answer.text, ...sources].join("\n"));
  button.textContent = word("copied");
  tell(word("copied"));
  setTimeout(() => { button.textContent = word("copy_answer"); }, 1600);
}

// The clipboard is closed to pages that come over plain http from another machine; a selected text is not.
async function toClipboard(text) {
  if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
  const area = element("textarea", { class: "sr" });
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

async function download(format, chosen) {
  try {
    const answer = await post("export", { format, records: chosen, lang: lang() });
    const link = element("a", { href: URL.createObjectURL(await answer.blob()), download: `youju.${format}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  } catch {
    tell(word("export_failed"));
  }
}

function thumb(button) {
  const slot = slotOf(button);
  for (const each of slot.querySelectorAll("[data-act=thumb]")) {
    each.setAttribute("aria-pressed", String(each === button));
  }
  slot.querySelector(".opinion")?.remove();
  const comment = element("input", { type: "text", maxlength: "1000", "aria-label": word("comment"), placeholder: word("comment") });
  const form = element("form", { class: "opinion" }, comment,
    element("button", { type: "submit", class: "plain" }, word("comment_send")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const record = recordOf(slot.dataset.slot);
    send("act", "feedback", { record, thumb: button.dataset.thumb, comment: comment.value, lang: lang() });
  });
  slot.append(form);
  comment.focus();
}

function told(value) {
  const slot = document.querySelector(`[data-slot="${value.run}"]`);
  const form = slot?.querySelector(".opinion");
  form?.replaceWith(element("p", { class: "note opinion", role: "status" }, value.error || word("thanks")));
}

export function startTurns() {
  receive("act", told);
  onActs({
    copy, thumb,
    retry: (button) => { const slot = slotOf(button); ask(questionOf(slot), { from: indexOf(slot) }); },
    standalone: (button) => { const slot = slotOf(button); ask(questionOf(slot), { from: indexOf(slot), standalone: true }); },
    edit: (button) => { const slot = slotOf(button); edit(indexOf(slot), questionOf(slot)); },
    export: (button) => download(button.dataset.format, [recordOf(slotOf(button).dataset.slot)]),
    "export-chat": () => download("docx", records()),
  });
}
