// Events to the server and states back, through Gradio's queue. A bridge is there when its component has been drawn.
const bridges = () => window.youjuBridges ?? {};

export async function bridge(name) {
  while (!bridges()[name]) {
    await new Promise((done) => document.addEventListener("youju-bridge", done, { once: true }));
  }
  return bridges()[name];
}

export async function send(name, event, data) {
  (await bridge(name)).trigger(event, { sent: data });
}

export async function receive(name, take) {
  const { props, watch } = await bridge(name);
  watch("value", () => props.value && take(props.value));
}

export async function get(path, values = {}) {
  const answer = await fetch(`../page/${path}?${new URLSearchParams(values)}`);
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer;
}

export async function post(path, body) {
  const headers = { "Content-Type": "application/json" };
  const answer = await fetch(`../page/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${answer.status}`);
  return answer;
}
