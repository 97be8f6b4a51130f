// Before anything is painted: the theme that was chosen here last time.
try {
  const kept = localStorage.getItem("mmbench-theme");
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
} catch {
  // A file that may keep nothing follows the system.
}
