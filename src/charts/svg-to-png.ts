import { renderAsync } from "@resvg/resvg-js";

/** Sharp on a phone's screen. */
const DENSITY = 3;
/** No font of this machine is used: the picture looks the same everywhere. */
const FONTS = [
  import.meta.resolve("@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf"),
  import.meta.resolve("@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf"),
].map((url) => Bun.fileURLToPath(url));

/** Off our thread: nobody waits for a picture. */
export async function svgToPng(svg: string): Promise<Uint8Array> {
  const picture = await renderAsync(svg, {
    fitTo: { mode: "zoom", value: DENSITY },
    font: { loadSystemFonts: false, fontFiles: FONTS, defaultFontFamily: "Inter" },
  });
  return picture.asPng();
}
