const light = (index, on) => {
  for (const mark of element.querySelectorAll(`[data-index="${index}"]`)) mark.classList.toggle('lit', on);
};
for (const [event, on] of [['mouseover', true], ['mouseout', false], ['focusin', true], ['focusout', false]]) {
  element.addEventListener(event, (e) => {
    const mark = e.target.closest('[data-index]');
    if (mark) light(mark.dataset.index, on);
  });
}
element.addEventListener('keydown', (e) => {
  const token = e.target.closest('.token');
  if (!token) return;
  const next = { ArrowRight: token.nextElementSibling, ArrowLeft: token.previousElementSibling }[e.key];
  if (next) { next.focus(); e.preventDefault(); }
});
