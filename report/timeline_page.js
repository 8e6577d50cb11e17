// Playing in step: the line of the waveform and the row of the table go with the sound, and a click
// goes to its place.
const audio = document.querySelector("audio");
const wave = document.getElementById("wave");
const line = document.getElementById("now");
const duration = Number(wave.dataset.duration);
const parts = [...document.querySelectorAll("[data-start]")];
const width = wave.viewBox.baseVal.width;

function show() {
  const now = audio.currentTime;
  const x = (now / duration) * width;
  line.setAttribute("x1", x);
  line.setAttribute("x2", x);
  for (const part of parts) {
    const here = now >= Number(part.dataset.start) && now < Number(part.dataset.end);
    part.classList.toggle("heard", here);
  }
  if (!audio.paused) requestAnimationFrame(show);
}

function hear(seconds) {
  audio.currentTime = seconds;
  audio.play();
}

for (const event of ["play", "seeked", "timeupdate"]) audio.addEventListener(event, show);
wave.addEventListener("click", (event) => {
  const { left, width: shown } = wave.getBoundingClientRect();
  hear(((event.clientX - left) / shown) * duration);
});
for (const row of document.querySelectorAll("tr[data-start]")) {
  row.addEventListener("click", () => hear(Number(row.dataset.start)));
}
