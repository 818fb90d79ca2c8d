// Sound recorded in the page. Every few seconds what was recorded is put away encrypted, so that a killed tab loses no
// more than those; it becomes one file when its owner adds it.
"use strict";

const Recording = (() => {
  const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/webm"], BITS = 64000, PART = 3000, SILENT = 0.004, LOUD = 0.5;
  const CONSENT = "Everybody whose voice is recorded must know and agree. Say no name of a child, an adult or a family.";
  const WHY = {
    NotAllowedError: "The microphone is not allowed for this site. Allow it in the browser's settings for this page, or choose a recording instead.",
    NotFoundError: "No microphone was found on this device. Choose a recording instead.",
    NotReadableError: "The microphone is in use by something else. Close that, then try again.",
  };
  const why = (error) => WHY[error.name] || "The microphone could not be opened. Try again, or choose a recording instead.";
  const inWords = (level) => (level < SILENT ? "Nothing can be heard. Is the microphone covered?" : level < 0.03 ? "Quiet: move closer." : level > LOUD ? "Too loud: move away." : "The sound is good.");

  function meterOf(stream) {
    const context = new (window.AudioContext || window.webkitAudioContext)(), analyser = context.createAnalyser();
    analyser.fftSize = 2048;
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    return {
      close: () => context.close().catch(() => {}),
      level: () => {
        analyser.getFloatTimeDomainData(samples);
        return Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) / samples.length);
      },
    };
  }

  async function open(form) {
    const { make, button } = Panel, person = document.body.dataset.person;
    const told = form.querySelector("[data-recording-seconds]").dataset;
    const limit = Number(told.recordingSeconds), warning = Number(told.recordingWarning);
    const panel = Panel.open("Record sound", "sound-panel", leave);
    const time = make("p", { class: "clock" }, `At most ${Holding.minutes(limit)}.`);
    const meter = make("meter", { min: "0", max: "1", low: "0.05", high: "0.9", optimum: "0.4", "aria-label": "How loud it is", hidden: true });
    const heard = make("p", { class: "heard" });
    const warned = make("p", { class: "warn", role: "alert", hidden: true });
    const player = make("audio", { controls: true, hidden: true, "aria-label": "The recording" });
    panel.body.append(make("p", { class: "note" }, CONSENT), time, meter, heard, warned, player);
    const begin = button("Start recording", start, { class: "btn" }), pause = button("Pause", switchPause, { hidden: true });
    const end = button("Stop", stop, { class: "btn", hidden: true }), add = button("Add this recording", addIt, { class: "btn", hidden: true });
    const away = button("Throw away", throwAway, { hidden: true }), shut = button("Close", () => panel.close());
    panel.foot.append(shut, begin, pause, end, away, add);
    begin.focus();

    const chunks = [], kept = [];
    let recorder = null, stream = null, sound = null, ticking = 0, before = 0, since = 0, id = "", saving = Promise.resolve(), release = () => {};
    const lately = [];
    let part = 0, sure = false, ended = null, full = false, calm = 0, address = "";

    const elapsed = () => before + (since ? (performance.now() - since) / 1000 : 0);
    const running = () => Boolean(recorder && recorder.state !== "inactive");

    async function start() {
      begin.disabled = true;
      if (!(await Keeping.hasRoom((limit * BITS) / 8))) {
        panel.say(`There is no room on this ${Waiting.HERE} for a recording of ${Holding.minutes(limit)}. Free some room, or send the files before it first.`);
        begin.disabled = false;
        return;
      }
      panel.say("Opening the microphone …");
      try {
        stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } });
      } catch (error) {
        panel.say(why(error));
        begin.disabled = false;
        begin.textContent = "Try again";
        begin.focus();
        return;
      }
      if (!panel.isOpen()) { Capturing.stop(stream); return; }
      const type = TYPES.find((one) => MediaRecorder.isTypeSupported(one));
      recorder = new MediaRecorder(stream, { ...(type ? { mimeType: type } : {}), audioBitsPerSecond: BITS });
      id = crypto.randomUUID();
      await holdLock();
      recorder.addEventListener("dataavailable", putAway);
      ended = new Promise((resolve) => recorder.addEventListener("stop", resolve));
      ended.then(finished);
      sound = meterOf(stream);
      recorder.start(PART);
      since = performance.now();
      ticking = setInterval(tick, 200);
      [begin, shut].forEach((one) => { one.hidden = true; });
      [pause, end, meter].forEach((one) => { one.hidden = false; });
      panel.say("Recording.");
      end.focus();
    }
    // While this is held, no page of theirs takes the parts for a recording that was cut off.
    function holdLock() {
      if (!navigator.locks) return Promise.resolve();
      return new Promise((held) => {
        navigator.locks.request(Holding.RUNNING + id, () => new Promise((done) => { release = done; held(); }));
      });
    }
    const extension = () => (recorder.mimeType.includes("mp4") ? "m4a" : "webm");
    let name = "";
    function putAway(event) {
      if (!event.data.size) return;
      name = name || Capturing.called("Recording", extension());
      const about = { ...Waiting.aboutOf(form, name), recording: id, part: part++, seconds: elapsed() };
      chunks.push(event.data);
      saving = saving.then(async () => { if (!full) kept.push(await Keeping.add(person, event.data, about, "held")); }).catch(() => {
        full = true;
        stop();
      });
      if (elapsed() >= limit) stop();
    }
    function tick() {
      const now = elapsed(), left = Math.max(0, limit - now), level = since ? sound.level() : 0;
      lately.push(level); // people breathe between words: the loudest of two seconds counts
      if (lately.length > 10) lately.shift();
      time.textContent = `${Holding.minutes(now)} recorded, ${Holding.minutes(left)} left.${since ? "" : " Paused."}`;
      meter.value = Math.min(1, Math.sqrt(level) * 1.4);
      calm += 1;
      if (since && calm > 10) sayLevel(inWords(Math.max(...lately)));
      if (left <= warning && warned.hidden) {
        warned.hidden = false;
        warned.textContent = `Less than ${warning >= 60 ? "a minute" : `${Math.ceil(warning)} seconds`} is left. The recording is then stopped and kept.`;
      }
      if (now >= limit) stop();
    }
    // Said when it changes, and at most every two seconds: a screen reader must not talk over the person.
    function sayLevel(words) {
      if (heard.textContent === words) return;
      heard.textContent = words;
      panel.say(`Recording. ${words}`);
      calm = 0;
    }
    function switchPause() {
      if (recorder.state === "recording") {
        recorder.pause();
        before = elapsed();
        since = 0;
        pause.textContent = "Go on";
        heard.textContent = "";
        panel.say("Paused. Nothing is recorded.");
      } else {
        recorder.resume();
        since = performance.now();
        pause.textContent = "Pause";
        panel.say("Recording.");
      }
    }
    function stop() {
      if (!running()) return;
      before = elapsed();
      since = 0;
      recorder.stop();
    }
    async function finished() {
      clearInterval(ticking);
      before = elapsed(); // also where the microphone ended it
      since = 0;
      Capturing.stop(stream);
      sound.close();
      await saving;
      if (!panel.isOpen()) { release(); await Waiting.refresh(); return; }
      address = URL.createObjectURL(new Blob(chunks, { type: recorder.mimeType }));
      player.src = address;
      time.textContent = `${Holding.minutes(elapsed())} recorded.`;
      heard.textContent = "";
      [pause, end, meter, warned].forEach((one) => { one.hidden = true; });
      [player, away, add].forEach((one) => { one.hidden = false; });
      panel.say(full ? "There is no more room on this device, so the recording was stopped. What is here is kept." : "Stopped. It is on this device, not sent. Listen to it, then add it or throw it away.");
      add.focus();
    }
    async function addIt() {
      [add, away].forEach((one) => { one.disabled = true; });
      const file = new File(chunks, name, { type: recorder.mimeType });
      const item = await Waiting.keep(form, file, "waiting", { instead_of: id });
      if (!item) { [add, away].forEach((one) => { one.disabled = false; }); panel.say("It could not be added. Free some room on this device, then try again."); return; }
      await dropParts();
      Sending.now();
      Holding.focusOn(item.id);
    }
    async function throwAway() {
      if (!sure) {
        sure = true;
        away.textContent = "Yes, throw it away";
        panel.say("The recording is then gone for good. Press again to throw it away.");
        return;
      }
      await dropParts();
    }
    async function dropParts() {
      for (const one of kept) await Keeping.drop(one.id);
      panel.close();
      await Waiting.refresh();
    }
    function leave() {
      if (running()) stop();
      else if (recorder) panel.say("Add the recording, or throw it away. It is on this device, not sent.");
      else panel.close();
    }
    panel.whenClosed(() => {
      clearInterval(ticking);
      if (address) URL.revokeObjectURL(address);
      if (running()) { recorder.stop(); return; } // what is here is kept, and shown as cut off
      Capturing.stop(stream);
      release();
    });
  }
  return { open };
})();
