// The service worker: keeps the shell of the product, so that the page to write evidence opens without signal. The
// server puts SHELL before this: the page for no signal and the files that it needs, each named by its own content.
// Nothing that belongs to a person is ever kept here: no page that somebody was signed in for, no answer to a form.
"use strict";

const NAME = `portfolio-shell-${SHELL.version}`;
const OURS = "X-Portfolio";

self.addEventListener("install", (event) => {
  const fill = async () => {
    const cache = await caches.open(NAME);
    for (const address of [...SHELL.files, SHELL.page]) {
      const answer = await fetch(address, { credentials: "omit", cache: address === SHELL.page ? "no-store" : "default" });
      if (!answer.ok || !answer.headers.has(OURS)) throw new Error(`${address} did not come`);
      await cache.put(address, answer);
    }
    await self.skipWaiting();
  };
  event.waitUntil(fill());
});

self.addEventListener("activate", (event) => {
  const clear = async () => {
    for (const name of await caches.keys()) if (name.startsWith("portfolio-shell-") && name !== NAME) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(clear());
});

const kept = async (address) => (await caches.open(NAME)).match(address);

// A page comes from the network, always. Without signal, or where another network answers in our place, the shell opens.
async function page(request) {
  try {
    const answer = await fetch(request);
    if (answer.type === "opaqueredirect" || answer.headers.has(OURS)) return answer;
  } catch { /* no signal */ }
  return (await kept(SHELL.page)) || Response.error();
}

self.addEventListener("fetch", (event) => {
  const { request } = event, path = new URL(request.url).pathname;
  if (request.method !== "GET" || new URL(request.url).origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (SHELL.files.includes(path)) event.respondWith(kept(path).then((answer) => answer || fetch(request)));
});
