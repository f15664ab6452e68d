// Draws the plans of the demo: node config/demo/plans/draw.mjs. Invented buildings, drawn by this program; no other source.
import { Buffer } from 'node:buffer';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';

const FOLDER = dirname(fileURLToPath(import.meta.url));
const WIDTH = 1200;
const HEIGHT = 800;

/** Palette: ground, room, wall, thin line, court, water. */
const PALETTE = ['f4f2ec', 'ffffff', '3a3f46', 'a9adb3', 'e3ead9', 'd5e4ee'];
const [GROUND, ROOM, WALL, LINE, COURT, WATER] = PALETTE.keys();

class Plan {
  pixels = new Uint8Array(WIDTH * HEIGHT).fill(GROUND);

  fill(x, y, width, height, colour) {
    for (let row = y; row < y + height; row += 1) {
      this.pixels.fill(colour, row * WIDTH + x, row * WIDTH + x + width);
    }
  }

  room(x, y, width, height, colour = ROOM, wall = 6) {
    this.fill(x, y, width, height, WALL);
    this.fill(x + wall, y + wall, width - 2 * wall, height - 2 * wall, colour);
  }

  /** An opening in a wall, with the leaf of the door. */
  door(x, y, width, height) {
    this.fill(x, y, width, height, ROOM);
    if (width > height) this.fill(x, y, 3, width, LINE);
    else this.fill(x, y, height, 3, LINE);
  }

  stairs(x, y, width, height) {
    this.room(x, y, width, height, ROOM, 3);
    for (let step = x + 12; step < x + width - 6; step += 12) this.fill(step, y + 3, 2, height - 6, LINE);
  }

  columns(x, y, width, height, across, down) {
    for (let row = 0; row < down; row += 1) {
      for (let column = 0; column < across; column += 1) {
        const left = x + Math.round((column * width) / (across - 1));
        const top = y + Math.round((row * height) / (down - 1));
        this.fill(left - 6, top - 6, 12, 12, WALL);
      }
    }
  }

  save(name) {
    const rows = Buffer.alloc((WIDTH + 1) * HEIGHT);
    for (let row = 0; row < HEIGHT; row += 1) {
      rows.set(this.pixels.subarray(row * WIDTH, (row + 1) * WIDTH), row * (WIDTH + 1) + 1);
    }
    const head = Buffer.alloc(13);
    head.writeUInt32BE(WIDTH, 0);
    head.writeUInt32BE(HEIGHT, 4);
    head.set([8, 3, 0, 0, 0], 8);
    const signature = Buffer.from('89504e470d0a1a0a', 'hex');
    const palette = Buffer.from(PALETTE.join(''), 'hex');
    const chunks = [
      chunk('IHDR', head),
      chunk('PLTE', palette),
      chunk('IDAT', deflateSync(rows, { level: 9 })),
    ];
    writeFileSync(join(FOLDER, name), Buffer.concat([signature, ...chunks, chunk('IEND', Buffer.alloc(0))]));
  }
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

function compound() {
  const plan = new Plan();
  plan.room(30, 30, 1140, 740, COURT, 8);
  plan.fill(520, 760, 160, 10, GROUND);
  // The main hall in the north, the wings at the sides, the library in the south-west, a pond.
  plan.room(380, 90, 440, 230);
  plan.columns(420, 130, 360, 150, 6, 3);
  plan.door(560, 314, 80, 6);
  plan.room(870, 150, 220, 380);
  plan.fill(870, 335, 220, 5, WALL);
  plan.door(870, 220, 6, 50);
  plan.door(870, 430, 6, 50);
  plan.room(110, 150, 220, 250);
  plan.door(324, 250, 6, 50);
  plan.room(110, 480, 300, 210);
  plan.fill(255, 480, 5, 210, WALL);
  plan.door(404, 560, 6, 50);
  plan.stairs(125, 630, 110, 45);
  plan.fill(520, 420, 230, 130, WATER);
  for (const y of [350, 600]) plan.fill(595, y, 10, 60, LINE);
  plan.save('wangjiang-compound.png');
}

function library(name, upper) {
  const plan = new Plan();
  plan.room(100, 100, 1000, 600);
  plan.fill(420, 100, 6, 380, WALL);
  plan.fill(760, 100, 6, 380, WALL);
  plan.fill(100, 480, 1000, 6, WALL);
  plan.door(300, 480, 70, 6);
  plan.door(560, 480, 70, 6);
  plan.door(860, 480, 70, 6);
  plan.stairs(120, 600, 200, 80);
  if (upper) plan.fill(620, 540, 200, 110, GROUND);
  else plan.door(560, 694, 90, 6);
  for (const left of [460, 520, 580, 640, 700]) plan.fill(left, 140, 24, 280, LINE);
  for (const left of [800, 880, 960, 1040]) plan.fill(left, 140, 24, 280, LINE);
  plan.save(name);
}

compound();
library('wangjiang-library-1.png', false);
library('wangjiang-library-2.png', true);
