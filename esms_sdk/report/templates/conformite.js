"use strict";
(function () {
  const form = document.querySelector("form.filters");
  const field = (name) => document.getElementById("f-" + name);
  const value = (name) => (field(name) ? field(name).value : "");
  const words = {};
  for (const option of field("verdict").options) words[option.value] = option.textContent;

  function verdictIn(article, finess) {
    const found = article.dataset.par.split(" ").find((pair) => pair.startsWith(finess + ":"));
    return found ? found.slice(finess.length + 1) : "";
  }

  function show() {
    const domaine = value("domaine"), verdict = value("verdict"), finess = value("finess");
    const articles = document.querySelectorAll("article.req");
    let count = 0;
    for (const article of articles) {
      const here = finess && article.dataset.par ? verdictIn(article, finess) : "";
      const judged = here || article.dataset.verdict;
      const kept = (!domaine || article.dataset.domaine === domaine) && (!verdict || judged === verdict)
        && (!finess || !article.dataset.par || here);
      article.hidden = !kept;
      count += kept ? 1 : 0;
      const mark = article.querySelector(".here");
      mark.hidden = !here;
      mark.textContent = here ? "FINESS " + finess + " : " + words[here] : "";
      for (const row of article.querySelectorAll("tr[data-finess]")) {
        row.hidden = Boolean(finess) && row.dataset.finess !== finess;
      }
    }
    document.getElementById("shown").textContent = count + " exigences sur " + articles.length;
  }

  form.hidden = false;
  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(show, 0));
  show();
})();
