"use strict";
// Plays the frames of a simulation: unpacks their bytes once, and draws one at a time.
(async () => {
  const part = (id) => document.getElementById(id);
  const about = JSON.parse(part("about-film").textContent);
  const packed = Uint8Array.from(atob(part("bytes").textContent), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  const bytes = await new Response(stream).arrayBuffer();

  let at = 0;
  const frames = about.sizes.map((size, i) => {
    const take = (length) => bytes.slice(at, (at += length));
    const x = about.board ? null : new Uint16Array(take(2 * size));
    const y = about.board ? null : new Uint16Array(take(2 * size));
    return { step: about.steps[i], x, y, kind: new Uint8Array(take(size)) };
  });
  const colours = about.colours.map((c) => [1, 3, 5].map((i) => parseInt(c.slice(i, i + 2), 16)));

  const canvas = part("canvas");
  const scale = about.board ? 1 : 960 / Math.max(about.width, about.height);
  canvas.width = Math.max(Math.round(about.width * scale), 1);
  canvas.height = Math.max(Math.round(about.height * scale), 1);
  canvas.classList.toggle("cells", about.board);
  const pen = canvas.getContext("2d");

  const drawCells = (frame) => {
    const image = pen.createImageData(canvas.width, canvas.height);
    frame.kind.forEach((kind, i) => image.data.set([...colours[kind], 255], 4 * i));
    pen.putImageData(image, 0, 0);
  };
  const drawPoints = (frame) => {
    pen.clearRect(0, 0, canvas.width, canvas.height);
    const radius = Math.max(1.2, Math.min(5, 160 / Math.sqrt(frame.kind.length + 1)));
    about.colours.forEach((colour, kind) => {
      pen.fillStyle = colour;
      pen.beginPath();
      frame.kind.forEach((code, i) => {
        if (code !== kind) return;
        const x = (frame.x[i] / 65535) * canvas.width;
        const y = (frame.y[i] / 65535) * canvas.height;
        pen.moveTo(x + radius, y);
        pen.arc(x, y, radius, 0, 2 * Math.PI);
      });
      pen.fill();
    });
  };

  const slider = part("frame");
  const play = part("play");
  const show = (i) => {
    slider.value = i;
    part("step").textContent = `step ${frames[i].step}`;
    (about.board ? drawCells : drawPoints)(frames[i]);
  };
  let timer = null;
  const stop = () => {
    clearInterval(timer);
    timer = null;
    play.textContent = "Play";
  };
  play.addEventListener("click", () => {
    if (timer !== null) return stop();
    if (Number(slider.value) === frames.length - 1) show(0);
    play.textContent = "Pause";
    timer = setInterval(() => {
      const next = Number(slider.value) + 1;
      if (next >= frames.length) return stop();
      show(next);
    }, Math.max(40, Math.min(200, 8000 / frames.length)));
  });
  slider.addEventListener("input", () => {
    stop();
    show(Number(slider.value));
  });
  part("still").hidden = true;
  canvas.hidden = false;
  part("controls").hidden = false;
  show(0);
})();
