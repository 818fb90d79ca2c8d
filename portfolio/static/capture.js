// A photo in the page: the picture goes from the camera into this phone's own encrypted store, never into a gallery.
"use strict";

const Capturing = (() => {
  const WHY = {
    NotAllowedError: "The camera is not allowed for this site. Allow it in the browser's settings for this page, or choose a photo instead.",
    NotFoundError: "No camera was found on this device. Choose a photo instead.",
    NotReadableError: "The camera is in use by something else. Close that, then try again, or choose a photo instead.",
    OverconstrainedError: "No camera was found on this device. Choose a photo instead.",
  };
  const why = (error) => WHY[error.name] || "The camera could not be opened. Try again, or choose a photo instead.";
  const stop = (stream) => { if (stream) stream.getTracks().forEach((track) => track.stop()); };
  const called = (what, extension) => {
    const now = new Date(), two = (number) => String(number).padStart(2, "0");
    return `${what} ${now.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" })} ${two(now.getHours())}.${two(now.getMinutes())}.${two(now.getSeconds())}.${extension}`;
  };
  const asked = (which) => ({ audio: false, video: { ...which, width: { ideal: 3840 }, height: { ideal: 2160 } } });

  // What the camera sees now, as pixels: nothing of place, time or device is in them.
  function frameOf(video) {
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    return new Promise((resolve, reject) => canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", 0.92));
  }

  async function open(form) {
    const { make, button } = Panel;
    const panel = Panel.open("Take a photo here", "camera-panel", () => panel.close());
    const video = make("video", { muted: true, autoplay: true, playsInline: true, "aria-label": "What the camera sees" });
    const shutter = button("Take the photo", take, { class: "btn shutter", disabled: true });
    const other = button("Other camera", () => start(next()), { hidden: true });
    const light = button("Light", switchLight, { hidden: true, "aria-pressed": "false" });
    const again = button("Try again", () => start(which), { hidden: true });
    panel.body.append(video);
    panel.foot.append(button("Close", () => panel.close()), other, light, again, shutter);
    let stream = null, which = { facingMode: { ideal: "environment" } }, cameras = [], turn = 0;

    function next() {
      const now = stream && stream.getVideoTracks()[0].getSettings().deviceId;
      const others = cameras.filter((one) => one.deviceId !== now);
      return { deviceId: { exact: others[0].deviceId } };
    }
    async function start(wanted) {
      const mine = ++turn;
      stop(stream);
      stream = null;
      which = wanted;
      shutter.disabled = true;
      panel.say("Opening the camera …");
      let opened;
      try {
        opened = await navigator.mediaDevices.getUserMedia(asked(wanted));
      } catch (error) {
        if (mine !== turn) return;
        panel.say(why(error));
        again.hidden = false;
        again.focus();
        return;
      }
      if (mine !== turn || !panel.isOpen() || document.hidden) { stop(opened); return; }
      stream = opened;
      again.hidden = true;
      video.srcObject = stream;
      await video.play().catch(() => {});
      cameras = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === "videoinput");
      other.hidden = cameras.length < 2;
      const track = stream.getVideoTracks()[0];
      light.hidden = !(track.getCapabilities && track.getCapabilities().torch);
      light.setAttribute("aria-pressed", "false");
      shutter.disabled = false;
      panel.say("The photo stays on this device until you have looked at it. It is not put into the gallery.");
      if (document.activeElement === panel.head || document.activeElement === document.body) shutter.focus();
    }
    async function switchLight() {
      const on = light.getAttribute("aria-pressed") !== "true";
      try {
        await stream.getVideoTracks()[0].applyConstraints({ advanced: [{ torch: on }] });
        light.setAttribute("aria-pressed", String(on));
      } catch { light.hidden = true; }
    }
    async function take() {
      if (!stream || !video.videoWidth) return;
      shutter.disabled = true;
      try {
        const blob = await frameOf(video);
        const item = await Waiting.keep(form, new File([blob], called("Photo", "jpg"), { type: "image/jpeg" }), "held", { made_here: true });
        panel.close();
        if (item) await Redacting.open(item, () => open(form));
      } catch {
        shutter.disabled = false;
        panel.say("That did not work. Take it again.");
      }
    }
    const off = () => { turn++; stop(stream); stream = null; };
    const hidden = () => {
      if (document.hidden) { off(); shutter.disabled = true; } else start(which);
    };
    document.addEventListener("visibilitychange", hidden);
    window.addEventListener("pagehide", off);
    panel.whenClosed(() => {
      off();
      document.removeEventListener("visibilitychange", hidden);
      window.removeEventListener("pagehide", off);
    });
    await start(which);
  }
  return { open, stop, called };
})();
