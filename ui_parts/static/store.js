// Chats live in this browser only: a list of {id, title, at, records}, newest first.
const KEY = "youju.chats";
const MOST = 40;

export function chats() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(found) ? found : [];
  } catch {
    return [];
  }
}

export const chat = (id) => chats().find((each) => each.id === id);

export function saveChat(id, records) {
  const others = chats().filter((each) => each.id !== id);
  const title = records[0]?.answer.question ?? "";
  const all = records.length ? [{ id, title, at: new Date().toISOString(), records }, ...others] : others;
  write(all.slice(0, MOST));
}

export function deleteChat(id) {
  write(chats().filter((each) => each.id !== id));
}

// A browser keeps some megabytes: where they are full the oldest chats go first.
function write(all) {
  for (let keep = all.length; keep > 0; keep -= 1) {
    try {
      localStorage.setItem(KEY, JSON.stringify(all.slice(0, keep)));
      return;
    } catch {
      continue;
    }
  }
  localStorage.removeItem(KEY);
}

export const newId = () => Array.from(crypto.getRandomValues(new Uint8Array(8)), (b) => b.toString(16).padStart(2, "0")).join("");
