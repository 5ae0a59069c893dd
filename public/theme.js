// Sets the chosen theme before the first paint; without a choice the style follows the system.
try {
  const theme = localStorage.getItem("roentgen.theme");
  if (theme === "light" || theme === "dark") {
    document.documentElement.dataset.theme = theme;
  }
} catch {
  // A browser that refuses storage shows the system's theme.
}
