// What is held back on this phone until its owner has looked at it: photos, and recordings that were cut off. Nothing of
// it is sent. Here are the words and buttons of its lines; the camera, the recorder and the editor come when needed.
"use strict";

const Holding = (() => {
  const PHOTO = /\.(jpe?g|jpe|jfif|png|webp|gif|avif|hei[cf]|hif)$/i;
  const RUNNING = "portfolio-recording-";
  const isPhoto = (file) => (file.type ? file.type.startsWith("image/") : PHOTO.test(file.name));
  const canPhotograph = () => Boolean(navigator.mediaDevices && navigator.mediaDevices.getUserMedia);
  const canRecord = () => canPhotograph() && Boolean(window.MediaRecorder && (window.AudioContext || window.webkitAudioContext));
  const minutes = (seconds) => [Math.floor(seconds / 60) ? `${Math.floor(seconds / 60)} min` : "", Math.floor(seconds % 60) || seconds < 60 ? `${Math.floor(seconds % 60)} s` : ""].filter(Boolean).join(" ");

  // Recordings that are running just now, in whichever tab: what has no such lock any more was cut off.
  async function running(parts) {
    if (navigator.locks && navigator.locks.query) return new Set((await navigator.locks.query()).held.map((lock) => lock.name));
    return new Set(parts.filter((one) => Date.now() - one.item.at < 30000).map((one) => RUNNING + one.about.recording));
  }
  // One line for each thing: the parts of a recording are one, and what was replaced is gone.
  async function fold(found) {
    const replaced = new Set(found.map((one) => one.about.instead_of).filter(Boolean)), lines = [], recordings = new Map();
    for (const one of found) {
      if (replaced.has(one.item.id) || replaced.has(one.about.recording)) await Keeping.drop(one.item.id);
      else if (!one.about.recording) lines.push(one);
      else recordings.set(one.about.recording, [...(recordings.get(one.about.recording) || []), one]);
    }
    if (!recordings.size) return lines;
    const now = await running([...recordings.values()].flat());
    for (const [id, parts] of recordings) if (now.has(RUNNING + id)) whenOver(RUNNING + id); else lines.push(cutOff(id, parts));
    return lines.sort((a, b) => a.item.at - b.item.at);
  }
  // One that runs in another tab: when that tab ends, or is killed, this page looks again.
  const watched = new Set();
  function whenOver(name) {
    if (watched.has(name) || !navigator.locks) return;
    watched.add(name);
    navigator.locks.request(name, { mode: "shared" }, () => {}).then(() => { watched.delete(name); return Waiting.refresh(); });
  }
  function cutOff(id, parts) {
    parts.sort((a, b) => a.about.part - b.about.part);
    const last = parts[parts.length - 1].about, size = parts.reduce((sum, one) => sum + one.item.size, 0);
    return { item: { id, state: "cut", at: parts[0].item.at, size, parts: parts.map((one) => one.item) }, about: { ...parts[0].about, seconds: last.seconds } };
  }

  function words(item, about, here, day) {
    if (item.state === "cut") return `A recording of ${minutes(about.seconds)} was cut off. It was begun on ${day(item.at)} and is on this ${here}, not sent.`;
    if (item.blind) return `Not sent. This browser cannot open a photo of this kind, so nothing in it can be covered here. Take the photo again in the page, or add it as it is: then it goes as it is.`;
    return `On this ${here} since ${day(item.at)}, not sent: not looked at yet.`;
  }
  // Its buttons, as [words, what it is for a screen reader, what it does].
  function buttons(item, about) {
    const { name } = about, remove = ["Remove", `Remove ${name}`, () => discard(item)];
    if (item.state === "cut") return [["Keep it", "Keep the recording that was cut off", () => keepCut(item, about)], ["Throw away", "Throw away the recording that was cut off", () => discard(item)]];
    const asItIs = ["Add it as it is", `Add ${name} as it is`, () => release([item])];
    if (item.blind) return [asItIs, remove];
    return [["Look at it: cover, crop or turn", `Look at ${name}: cover, crop or turn`, () => look(item)], asItIs, remove];
  }

  // Its draft is called as the page says by now, not as when the photo was chosen.
  function titleNow(about) {
    const form = document.querySelector("form[data-upload]");
    return form && form.elements.form_key.value === about.form_key ? form.elements.title.value : about.title;
  }
  async function release(items) {
    for (const item of items) {
      await Keeping.change(item.id, { state: "waiting" }, { title: titleNow(await Keeping.about(item)) });
    }
    await Waiting.refresh();
    focusOn(items[0].id);
    Sending.now();
  }
  async function discard(item) {
    for (const one of item.parts || [item]) await Keeping.drop(one.id);
    await Waiting.refresh();
    focusOn("");
  }
  // The parts of a recording become one file that waits; only when it is here whole do they go.
  async function keepCut(item, about) {
    const parts = [];
    for (const one of item.parts) parts.push(await Keeping.whole(one));
    const { recording, part, seconds, ...rest } = about;
    const made = await Keeping.add(document.body.dataset.person, new Blob(parts), { ...rest, instead_of: item.id });
    for (const one of item.parts) await Keeping.drop(one.id);
    await Waiting.refresh();
    focusOn(made.id);
    Sending.now();
  }
  // The keyboard stays where the person was: at the line, or where the next file is added.
  function focusOn(id) {
    const line = id && document.querySelector(`[data-item="${id}"] button`);
    const next = line || document.querySelector(".kept button, [data-take]:not([hidden]), form[data-upload] #files, #main");
    if (next) next.focus();
  }

  // What is loaded when it is needed: the camera, the recorder and the editor.
  const address = () => { const told = document.querySelector("[data-camera]"); return told ? told.dataset.camera : ""; };
  const tools = () => load(address());
  async function look(item) {
    try { await tools(); } catch { Waiting.note("There is no signal to open the editor just now. The photo stays here, not sent."); return; }
    await Redacting.open(item);
  }
  async function take(form, what) {
    try { await tools(); } catch { Waiting.note("There is no signal to open this just now. Choose a file instead, or try again where there is signal."); return; }
    await (what === "photo" ? Capturing.open(form) : Recording.open(form));
  }

  // A small picture of what is held, drawn once for each line; a photo that cannot be opened is said to be so.
  async function preview(item, place, name) {
    try {
      const picture = await createImageBitmap(await Keeping.whole(item), { imageOrientation: "from-image", resizeHeight: 144, resizeQuality: "medium" });
      place.width = picture.width;
      place.height = picture.height;
      place.getContext("2d").drawImage(picture, 0, 0);
      picture.close();
      place.setAttribute("aria-label", `Small picture of ${name}`);
      place.hidden = false;
      return true;
    } catch { return false; }
  }

  // The buttons of the form are shown where the browser can do it; where it cannot, that is said.
  function offer(form) {
    const box = form.querySelector("[data-take-box]");
    if (!box || !box.hidden) return;
    box.hidden = false;
    box.querySelector("[data-take=photo]").hidden = !canPhotograph();
    box.querySelector("[data-take=sound]").hidden = !canRecord();
    const lacking = [canPhotograph() ? "" : "take a photo", canRecord() ? "" : "record sound"].filter(Boolean).join(" or ");
    const note = box.querySelector("[data-take-note]");
    note.hidden = !lacking;
    note.textContent = `This browser cannot ${lacking} in the page. Choose a file instead: what the camera or recorder of this device makes can be added below.`;
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest ? event.target.closest("[data-take]") : null;
    if (button && button.form) take(button.form, button.dataset.take);
  });
  // Whoever begins to fill in the form gets the camera's script while there is signal.
  let asked = false;
  document.addEventListener("focusin", (event) => {
    if (asked || !event.target.closest("form[data-in-pieces]")) return;
    asked = true;
    tools().catch(() => { asked = false; });
  });

  return { isPhoto, fold, words, buttons, release, preview, offer, focusOn, titleNow, minutes, RUNNING };
})();
