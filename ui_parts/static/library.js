// The library page: uploads with their progress, removing, replacing, correcting, the full check.
import { get, receive, send } from "./bridge.js";
import { byId, element, lang, onActs, word } from "./shell.js";

const files = new Map();
let replacing = "";
let renew = () => {};

function line(name) {
  if (!files.has(name)) {
    const bar = element("progress", { max: "100", value: "0", "aria-label": name });
    const row = element("li", {}, element("span", { class: "name" }, name), bar, element("span", { class: "outcome" }));
    files.set(name, row);
    byId("yj-progress").append(row);
  }
  return files.get(name);
}

function say(name, text, state) {
  const row = line(name);
  row.dataset.state = state;
  row.querySelector(".outcome").textContent = text;
  const bar = row.querySelector("progress");
  if (["added", "updated", "unchanged", "removed", "skipped", "failed"].includes(state)) bar.hidden = true;
}

function upload(file) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("files", file, file.name);
    const failed = (key) => { say(file.name, word(key), "failed"); done(null); };
    request.upload.addEventListener("progress", (event) => {
      const share = Math.round((100 * event.loaded) / event.total);
      line(file.name).querySelector("progress").value = share;
      say(file.name, word("uploading", { share }), "uploading");
    });
    request.addEventListener("load", () => {
      if (request.status === 413) return failed("upload_too_big");
      if (request.status !== 200) return failed("upload_failed");
      say(file.name, word("file_waiting"), "waiting");
      done({ name: file.name, path: JSON.parse(request.responseText)[0] });
    });
    request.addEventListener("error", () => failed("upload_failed"));
    request.open("POST", "gradio_api/upload");
    request.send(body);
  });
}

async function add(chosen) {
  files.clear();
  byId("yj-progress").replaceChildren();
  const sent = [];
  for (const file of chosen) {
    line(file.name);
  }
  for (const file of chosen) {
    const found = await upload(file);
    if (found) sent.push(found);
  }
  const replaces = replacing;
  replacing = "";
  if (sent.length) send("shelf", "put", { files: sent, replaces, lang: lang() });
}

function take(value) {
  if (value.check !== undefined) {
    byId("yj-check").replaceChildren(
      element("p", { class: value.problems?.length ? "note is-error" : "note" }, value.check),
      ...(value.problems ?? []).map((problem) => element("p", { class: "note is-error" }, problem)),
    );
    return;
  }
  byId("yj-change").hidden = !value.line;
  byId("yj-change").textContent = value.line;
  byId("yj-change").classList.toggle("is-error", value.state === "failed");
  for (const file of value.files) say(file.name, file.words, file.state);
  if (value.state === "done" || value.state === "failed") {
    list();
    renew();
  }
}

async function list() {
  byId("yj-shelf").innerHTML = await (await get("shelf", { lang: lang(), search: byId("yj-find").value })).text();
}

function correct(button) {
  const row = button.closest("tr");
  const dialog = byId("yj-correct");
  const values = JSON.parse(row.dataset.info);
  const form = dialog.querySelector("form");
  byId("yj-correct-file").textContent = row.dataset.file;
  for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
  dialog.onclose = () => {
    if (dialog.returnValue !== "save") return;
    const changed = Object.fromEntries(new FormData(form));
    send("shelf", "correct", { file: row.dataset.file, values: changed, lang: lang() });
  };
  dialog.returnValue = "";
  dialog.showModal();
}

function remove(button) {
  const row = button.closest("tr");
  const dialog = byId("yj-remove");
  byId("yj-remove-words").textContent = word("remove_sure", { title: row.querySelector("th a").textContent });
  dialog.onclose = () => {
    if (dialog.returnValue === "remove") send("shelf", "withdraw", { file: row.dataset.file, lang: lang() });
  };
  dialog.returnValue = "";
  dialog.showModal();
}

function startDrop() {
  const drop = document.querySelector(".drop");
  for (const kind of ["dragover", "dragleave", "drop"]) {
    drop.addEventListener(kind, (event) => {
      event.preventDefault();
      drop.classList.toggle("is-over", kind === "dragover");
      if (kind === "drop") add([...event.dataTransfer.files]);
    });
  }
  for (const id of ["yj-files", "yj-replacement"]) {
    byId(id).addEventListener("change", (event) => {
      add([...event.target.files]);
      event.target.value = "";
    });
  }
}

export function startLibrary(start, changed) {
  renew = changed;
  byId("yj-upload").hidden = !start.editor;
  startDrop();
  receive("shelf", take);
  let waiting = 0;
  byId("yj-find").addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(list, 200); });
  onActs({
    correct, remove,
    replace: (button) => { replacing = button.closest("tr").dataset.file; byId("yj-replacement").click(); },
    check: () => { take({ check: word("check_running") }); send("shelf", "inspect", { lang: lang() }); },
    "dialog-close": (button) => button.closest("dialog").close("cancel"),
  });
  return list;
}
