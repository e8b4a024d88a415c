// Pages work without this. It adds: keys in photos, one player that goes on to the next track,
// and what was still being counted, as soon as it may be known.
"use strict";

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, select, textarea, audio, video")) {
    return;
  }
  const links = { ArrowLeft: 'a[rel="prev"]', ArrowRight: 'a[rel="next"]', Escape: "a.up" };
  // Comments have pages of their own, with links of the same kinds.
  const link = links[event.key] && document.querySelector(`.pager.photos ${links[event.key]}`);
  if (link) {
    event.preventDefault();
    link.click();
  }
});

const players = [...document.querySelectorAll("audio")];
players.forEach((player, place) => {
  player.addEventListener("play", () => players.forEach((other) => other !== player && other.pause()));
  player.addEventListener("ended", () => players[place + 1]?.play());
});

if (document.querySelector(".counting")) {
  setTimeout(() => location.reload(), 1500);
}
