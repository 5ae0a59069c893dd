// Starts the page's program, and says so when it cannot, or when it has stopped.
addEventListener("error", ({ error }) => {
  // A panic is a trap: what called into the program gets an error, and the program's state is lost.
  if (!(error instanceof WebAssembly.RuntimeError) || document.querySelector(".crash")) return;
  const panel = document.createElement("div");
  panel.className = "crash";
  panel.setAttribute("role", "alert");
  panel.innerHTML = '<a class="button crash__reload" href="">Reload</a>';
  panel.prepend(
    "Something went wrong in this page, and it has stopped. Reload it to go on: the address keeps what you were looking at.",
  );
  document.body.append(panel);
});
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
