// For `cargo xtask serve --watch`: loads the page anew when it, or the server, has been built anew.
let known = null;

const look = async () => {
  try {
    const answer = await (await fetch("/api/health", { cache: "no-store" })).text();
    if (known !== null && known !== answer) {
      location.reload();
      return;
    }
    known = answer;
  } catch {
    // The server is being started anew.
  }
  setTimeout(look, 500);
};

look();
