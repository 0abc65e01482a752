import script from "./chat-page-script.txt" with { type: "text" };
import style from "./chat-page-style.txt" with { type: "text" };

/** A phone's chat with the bot, served whole: no build, nothing from elsewhere. */
export function chatPage(ownerId: number, strangerId: number): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Hedgerow demo chat</title>
<style>${style}</style>
</head>
<body data-owner="${ownerId}" data-stranger="${strangerId}">
<main>
<header>
<span class="avatar">🌿</span>
<div><h1>Hedgerow</h1><p id="state">connecting…</p></div>
<a href="/" target="_blank" rel="noopener">Status</a>
<button id="switch" title="Write as somebody who is not the owner">as you</button>
</header>
<section id="log" aria-live="polite"></section>
<nav id="chips"></nav>
<form id="form">
<input id="text" autocomplete="off" placeholder="Message" aria-label="Message" maxlength="20000">
<button aria-label="Send">➤</button>
</form>
<div id="toast" role="status"></div>
</main>
<script>${script}</script>
</body>
</html>`;
}
