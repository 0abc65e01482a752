import { raw } from "hono/html";
import type { Child } from "hono/jsx";
import style from "./status-page-style.txt" with { type: "text" };

/** What every page stands in: made for a phone, one style, nothing loaded from elsewhere. */
export function Page({ title, children }: { readonly title: string; readonly children: Child }) {
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{title}</title>
        <style>{raw(style)}</style>
      </head>
      <body>{children}</body>
    </html>
  );
}

export function Tile({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div class="tile">
      <small>{name}</small>
      <b>{value}</b>
    </div>
  );
}
