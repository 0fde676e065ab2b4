// Makes a page easier to use; without it, every step is a link to its entry further down.
"use strict";
document.documentElement.classList.add("scripted");

// The last place of the pointer: a scroll beneath a resting pointer is not a movement.
let pointer = "";
const at = (event) => `${event.screenX} ${event.screenY}`;
document.addEventListener("mousemove", (event) => { pointer = at(event); });

function timeline(figure) {
  const marks = [...figure.querySelectorAll("a.mark")];
  const panel = figure.querySelector(".panel");
  if (!marks.length) return;
  panel.hidden = false;
  let chosen = null;

  const show = (mark) => {
    const entry = document.getElementById(mark.getAttribute("href").slice(1));
    panel.replaceChildren(...entry.cloneNode(true).childNodes);
    for (const other of marks) other.classList.toggle("chosen", other === mark);
  };
  const choose = (mark) => {
    chosen = mark;
    for (const other of marks) other.tabIndex = other === mark ? 0 : -1;
    show(mark);
  };
  const near = (mark, way, alike) => {
    let place = marks.indexOf(mark) + way;
    while (alike && marks[place] && marks[place].dataset.actor !== mark.dataset.actor) place += way;
    return marks[place] || mark;
  };
  const keys = {
    ArrowDown: (mark) => near(mark, 1, false), ArrowUp: (mark) => near(mark, -1, false),
    ArrowRight: (mark) => near(mark, 1, true), ArrowLeft: (mark) => near(mark, -1, true),
    Home: () => marks[0], End: () => marks[marks.length - 1],
  };

  for (const mark of marks) {
    mark.querySelector("title").remove(); // the panel shows it
    mark.addEventListener("mousemove", (event) => {
      if (at(event) !== pointer && !mark.classList.contains("chosen")) show(mark);
    });
    mark.addEventListener("focus", () => choose(mark));
    mark.addEventListener("click", (event) => { event.preventDefault(); mark.focus(); choose(mark); });
    mark.addEventListener("keydown", (event) => {
      if (!(event.key in keys)) return;
      event.preventDefault();
      const next = keys[event.key](mark);
      next.focus();
      next.scrollIntoView({ block: "nearest", inline: "nearest" });
    });
  }
  figure.querySelector("svg.picture").addEventListener("mouseleave", () => show(chosen));
  choose(marks.find((mark) => mark.classList.contains("first")) || marks[0]);
}

function copying(box) {
  const button = document.createElement("button");
  button.className = "copy";
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    const lines = box.querySelector("pre");
    try {
      await navigator.clipboard.writeText(lines.textContent.trim());
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(lines);
      button.textContent = "Selected";
    }
  });
  box.append(button);
}

document.querySelectorAll(".figure").forEach(timeline);
document.querySelectorAll(".paste").forEach(copying);
// A link to a cell opens the cell.
const openTarget = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target && target.matches("details")) target.open = true;
};
addEventListener("hashchange", openTarget);
openTarget();
