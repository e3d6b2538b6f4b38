import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import type { OutputInfo, Sharp } from "sharp";
import { makeAvatar } from "../../../src/platform/media/avatar.js";
import type { AvatarImage } from "../../../src/platform/media/avatar.js";
import { gif, jpeg, jpegOfScans, png } from "../../support/hostile-files/images.js";

type Colour = readonly number[];
const [red, green, blue]: readonly [Colour, Colour, Colour] = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
];

describe("An avatar", () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), "lyceum-avatar-"))));
  after(() => rm(folder, { recursive: true }));

  async function avatarOf(image: Sharp | Buffer): Promise<AvatarImage[]> {
    const path = join(folder, "part");
    await writeFile(path, Buffer.isBuffer(image) ? image : await image.toBuffer());
    return makeAvatar(path);
  }

  it("has three square sizes in WebP, none larger than its source", async () => {
    for (const [width, height, sides] of [
      [1500, 1100, [64, 256, 1024]],
      [300, 500, [64, 256, 300]],
      [10, 4000, [10, 10, 10]],
      [1, 1, [1, 1, 1]],
    ] as const) {
      const made = await avatarOf(png({ width, height }));
      expect(made.map(({ size }) => size)).eql([64, 256, 1024]);
      for (const [at, image] of made.entries()) {
        const { format, width: w, height: h } = await sharp(image.data).metadata();
        expect({ format, w, h }).eql({ format: "webp", w: sides[at], h: sides[at] });
        expect([image.width, image.height]).eql([w, h]);
      }
    }
  });

  it("is the middle of the source, turned as its camera says, without metadata", async () => {
    const stripes = flag(300, 100, [red, green, blue]);
    for (const { data } of await avatarOf(stripes.png())) await expectColour(data, green);
    const camera = flag(200, 200, [red, blue])
      .withExif({ IFD0: { Copyright: "secret" }, IFD3: { GPSLatitude: "55/1 45/1 0/1" } })
      .withIccProfile("p3")
      .withMetadata({ orientation: 6 });
    const source = await camera.jpeg().toBuffer();
    expect(source.includes("secret")).equal(true);
    for (const { data } of await avatarOf(source)) {
      const { exif, icc, xmp, orientation } = await sharp(data).metadata();
      expect({ exif, icc, xmp, orientation }).eql({
        exif: undefined,
        icc: undefined,
        xmp: undefined,
        orientation: undefined,
      });
      const { pixels, info } = await pixelsOf(data);
      // What was on the left is above.
      expectNear(pixelAt(pixels, info, info.width - 1, 0), red);
      expectNear(pixelAt(pixels, info, 0, info.height - 1), blue);
    }
  });

  it("keeps what is transparent, in every form of colours", async () => {
    const half = {
      create: { width: 80, height: 80, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } },
    } as const;
    for (const image of [
      sharp(half).png(),
      sharp(half).webp(),
      sharp(half).png({ palette: true }),
      sharp(half).gif(),
      sharp(half).toColourspace("rgb16").png(),
    ]) {
      for (const { data } of await avatarOf(image)) {
        const { pixels, info } = await pixelsOf(data);
        expect(info.channels).equal(4);
        expect(pixels[3]).equal(0);
      }
    }
    const plain = { create: { width: 80, height: 80, channels: 3, background: "#f00" } } as const;
    const forms = [
      sharp(plain).toColourspace("cmyk").jpeg(),
      sharp(plain).toColourspace("rgb16").png(),
      sharp(plain).jpeg({ progressive: true }),
      sharp(plain).png({ progressive: true, palette: true }),
    ];
    for (const image of forms) for (const { data } of await avatarOf(image)) await expectColour(data, red);
    const grey = sharp({ create: { width: 80, height: 80, channels: 3, background: "#888" } }).toColourspace("b-w");
    for (const { data } of await avatarOf(grey.jpeg())) await expectColour(data, [136, 136, 136]);
  });

  it("is the first frame of what moves", async () => {
    const frames = [red, blue].map((colour) => flag(60, 60, [colour]).png().toBuffer());
    const moving = sharp(await Promise.all(frames), { join: { animated: true } });
    for (const image of [moving.clone().gif(), moving.clone().webp({ loop: 1 })]) {
      for (const { data } of await avatarOf(image)) {
        expect((await sharp(data).metadata()).pages ?? 1).equal(1);
        await expectColour(data, red);
      }
    }
  });

  it("is refused when it is no image of the four formats, breaks off, is too large, or is made to take long", async () => {
    const noise = await sharp({
      create: {
        width: 400,
        height: 400,
        channels: 3,
        background: "#888",
        noise: { type: "gaussian", mean: 128, sigma: 60 },
      },
    })
      .jpeg()
      .toBuffer();
    const refused: Readonly<Record<string, Sharp | Buffer>> = {
      "a half": noise.subarray(0, noise.length / 2),
      TIFF: flag(9, 9, [red]).tiff(),
      AVIF: flag(9, 9, [red]).avif(),
      SVG: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
      scans: jpegOfScans(64, 31),
      empty: Buffer.alloc(0),
    };
    const source = Object.entries(refused);
    for (const [title, image] of source) {
      // The encoders above belong to the library of which makeAvatar blocks the decoders.
      const error = await avatarOf(image).catch((thrown: unknown) => thrown);
      expect(error, title).include({
        reason: "INVALID_IMAGE",
        detail: "The file cannot be read as a PNG, JPEG, GIF or WebP image",
      });
    }
    const large = await avatarOf(png({ width: 8000, height: 5001, depth: 1, colour: 0 })).catch(
      (thrown: unknown) => thrown,
    );
    expect(large).include({ reason: "INVALID_IMAGE", detail: "The image has more than 40 megapixels" });
    expect(await avatarOf(png({ width: 8000, height: 5000, depth: 1, colour: 0 }))).length(3);
  });

  it("of a phone may have a film behind it, in which anything stands", async () => {
    const film = Buffer.from("ffda0008".repeat(20_000), "hex");
    expect(await avatarOf(Buffer.concat([jpeg, film]))).length(3);
    expect(await avatarOf(Buffer.concat([jpegOfScans(64, 20), film]))).length(3);
    expect(await avatarOf(gif)).length(3);
  });

  it("fails as the disk does where there is no file", async () => {
    const error = (await makeAvatar(join(folder, "none")).catch((thrown: unknown) => thrown)) as Error;
    expect(error.message).match(/missing/);
    expect(error).not.include({ reason: "INVALID_IMAGE" });
  });

  it("does not hold up the event loop, while eight are made at once", async () => {
    const path = join(folder, "large");
    const size = { width: 3000, height: 2000, channels: 3, background: "#369" } as const;
    await sharp({ create: size }).jpeg().toFile(path);
    await makeAvatar(path);
    let turns = 0;
    const counter = setInterval(() => (turns += 1), 1);
    const made = await Promise.all(Array.from({ length: 8 }, () => makeAvatar(path)));
    clearInterval(counter);
    expect(made.flat()).length(24);
    // Decoded on the event loop each would be a few turns, whatever the machine.
    expect(turns).above(100);
  });

  it("needs no memory before the first, and says what is missing where its library does not run", () => {
    const module = JSON.stringify(new URL("../../../src/platform/media/avatar.ts", import.meta.url).href);
    const path = JSON.stringify(join(folder, "large"));
    const run = (code: string): string =>
      execFileSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", code], { encoding: "utf8" });
    const isLoaded = 'process.report.getReport().sharedObjects.some((name) => name.includes("libvips"))';
    expect(
      run(
        `const { makeAvatar } = await import(${module}); const first = ${isLoaded}; await makeAvatar(${path}); console.log(first, ${isLoaded});`,
      ),
    ).equal("false true\n");
    expect(
      run(`const { makeAvatar } = await import(${module}); Object.defineProperty(process, "platform", { value: "plan9" }); Object.defineProperty(process, "arch", { value: "vax" });
      await makeAvatar(${path}).catch((error) => console.log(error.name, error.message));`),
    ).match(/^OperatorError Images cannot be read on plan9-vax: install @img\/sharp-plan9-vax/);
  });
});

/** Stripes from left to right. */
function flag(width: number, height: number, colours: readonly Colour[]): Sharp {
  const pixels = Buffer.alloc(width * height * 3);
  for (let at = 0; at < width * height; at++)
    pixels.set(colours[Math.floor(((at % width) / width) * colours.length)]!, at * 3);
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

async function pixelsOf(data: Buffer): Promise<{ pixels: Buffer; info: OutputInfo }> {
  const { data: pixels, info } = await sharp(data).raw().toBuffer({ resolveWithObject: true });
  return { pixels, info };
}

function pixelAt(pixels: Buffer, { width, channels }: OutputInfo, x: number, y: number): number[] {
  const at = (y * width + x) * channels;
  return [...pixels.subarray(at, at + 3)];
}

function expectNear(found: readonly number[], colour: Colour): void {
  for (const [at, value] of colour.entries())
    expect(found[at], `${found.join()} beside ${colour.join()}`).within(value - 40, value + 40);
}

async function expectColour(data: Buffer, colour: Colour): Promise<void> {
  const { pixels, info } = await pixelsOf(data);
  for (const [x, y] of [
    [0, 0],
    [info.width - 1, info.height - 1],
  ] as const) {
    expectNear(pixelAt(pixels, info, x, y), colour);
  }
}
