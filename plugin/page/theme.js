// Dark or light: as the system has it, or as chosen here. Loaded before the page is drawn, as a
// plain script, so that it does not flash.

(() => {
  const key = 'callslip-theme';
  const root = document.documentElement;
  const stored = () => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  };
  const apply = theme => {
    if (theme === 'dark' || theme === 'light') {
      root.dataset.theme = theme;
    } else {
      delete root.dataset.theme;
    }
  };
  apply(stored());
  addEventListener('callslip-theme', ({detail}) => {
    apply(detail);
    try {
      localStorage.setItem(key, detail);
    } catch {
      // Without storage the choice lasts as long as the page.
    }
  });
})();
