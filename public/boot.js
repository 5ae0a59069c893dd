// Starts the page's program, and says so when it cannot.
const boot = document.getElementById("boot");
try {
  const program = await import("{{app.js}}");
  await program.default({ module_or_path: "{{app.wasm}}" });
  boot.remove();
} catch (cause) {
  console.error(cause);
  boot.classList.add("boot--failed");
  boot.setAttribute("role", "alert");
  boot.textContent =
    typeof WebAssembly === "undefined"
      ? "Roentgen needs a browser with WebAssembly, and this one has none or forbids it"
      : `Roentgen could not start: ${cause instanceof Error ? cause.message : cause}. Reload the page to try again`;
}
