// Where answers are written: one buffer that grows, used again for each answer. Writing is synchronous, so no other answer
// comes between. It writes numbers, texts and bytes, and depends on no message.

const firstSize = 1 << 16;
// A writer that has grown beyond this for one large answer is not kept.
const keptSize = 1 << 20;
// Up to this length a loop over ASCII is faster than a call into the engine.
const shortText = 48;
const special = /["\\\u0000-\u001f\ud800-\udfff]/;

class ByteWriter {
  private bytes = Buffer.allocUnsafeSlow(firstSize);
  private at = 0;

  /** Begins an answer. */
  begin(): void {
    this.at = 0;
  }

  /** What was written since `begin`, as a buffer of its own. */
  end(): Buffer {
    const written = Buffer.allocUnsafe(this.at);
    this.bytes.copy(written, 0, 0, this.at);
    if (this.bytes.length > keptSize) this.bytes = Buffer.allocUnsafeSlow(firstSize);
    return written;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.at++] = value;
  }

  /** ASCII text as it is. */
  ascii(text: string): void {
    this.reserve(text.length);
    const { bytes, at } = this;
    for (let index = 0; index < text.length; index++) bytes[at + index] = text.charCodeAt(index);
    this.at = at + text.length;
  }

  /** The separator of members and elements: nothing behind an opening bracket, else a comma. */
  comma(): void {
    this.reserve(1);
    const before = this.bytes[this.at - 1];
    if (before !== 0x7b && before !== 0x5b) this.bytes[this.at++] = 0x2c;
  }

  /** A whole number in decimal. */
  decimal(value: number): void {
    if (value < 0 || value > 0x7fffffff) return this.ascii(String(value));
    let size = 1;
    for (let bound = 10; value >= bound; bound *= 10) size++;
    this.reserve(size);
    const { bytes, at } = this;
    for (let index = at + size - 1, rest = value; index >= at; index--) {
      const tenth = (rest / 10) | 0;
      bytes[index] = 0x30 + rest - tenth * 10;
      rest = tenth;
    }
    this.at = at + size;
  }

  /** A JSON string, escaped as JSON.stringify does. */
  quoted(text: string): void {
    this.reserve(text.length * 3 + 2);
    this.bytes[this.at++] = 0x22;
    if (this.plain(text, true)) this.bytes[this.at++] = 0x22;
    else if (special.test(text)) {
      this.at--;
      this.utf8(JSON.stringify(text));
    } else {
      this.at += this.bytes.write(text, this.at);
      this.bytes[this.at++] = 0x22;
    }
  }

  /** A JSON string of base64: the standard alphabet, padded. */
  base64(value: Uint8Array): void {
    const text = Buffer.from(value.buffer, value.byteOffset, value.length).toString("base64");
    this.reserve(text.length + 2);
    this.bytes[this.at++] = 0x22;
    this.at += this.bytes.write(text, this.at, "latin1");
    this.bytes[this.at++] = 0x22;
  }

  /** The bytes of a protobuf field, behind their length. */
  delimited(value: Uint8Array): void {
    this.varint(value.length);
    this.reserve(value.length);
    this.bytes.set(value, this.at);
    this.at += value.length;
  }

  /** A protobuf string: its length in bytes and then UTF-8. */
  counted(text: string): void {
    this.reserve(text.length * 3 + 5);
    const length = text.length;
    if (length < 128) {
      this.bytes[this.at++] = length;
      if (this.plain(text, false)) return;
      this.at--;
    }
    const start = this.open();
    this.utf8(text);
    this.close(start);
  }

  /** A varint of up to 64 bits, in two's complement. `value` is a safe integer, as everywhere here. */
  varint(value: number): void {
    if (value >= 0 && value < 0x80) this.byte(value);
    else this.halves(value >>> 0, Math.floor(value / 2 ** 32) >>> 0);
  }

  /** A varint whose lowest bit is its sign. */
  zigzag(value: number): void {
    const high = Math.floor(value / 2 ** 32);
    const sign = high >> 31;
    this.halves(((value << 1) ^ sign) >>> 0, (((high << 1) | (value >>> 31)) ^ sign) >>> 0);
  }

  fixed32(value: number): void {
    this.reserve(4);
    this.at = this.bytes.writeUInt32LE(value >>> 0, this.at);
  }

  fixed64(value: number): void {
    this.fixed32(value >>> 0);
    this.fixed32(Math.floor(value / 2 ** 32) >>> 0);
  }

  float(value: number): void {
    this.reserve(4);
    this.at = this.bytes.writeFloatLE(value, this.at);
  }

  double(value: number): void {
    this.reserve(8);
    this.at = this.bytes.writeDoubleLE(value, this.at);
  }

  /** Begins a field whose length in bytes comes before it; answers the argument of `close`. */
  open(): number {
    this.reserve(1);
    return ++this.at;
  }

  /** Ends it. One byte was left for the length; where the length needs more, the content moves. */
  close(start: number): void {
    const length = this.at - start;
    if (length > 0x7f) {
      const extra = length < 1 << 14 ? 1 : length < 1 << 21 ? 2 : length < 1 << 28 ? 3 : 4;
      this.reserve(extra);
      this.bytes.copyWithin(start + extra, start, this.at);
      this.at = start - 1;
      this.varint(length);
      this.at += length;
    } else this.bytes[start - 1] = length;
  }

  /** Where the next byte goes: the argument of `dropEmpty`. */
  mark(): number {
    return this.at;
  }

  /** Takes a field back that was begun at `mark` with a tag of one byte, when nothing is in it. */
  dropEmpty(mark: number): void {
    if (this.at === mark + 2) this.at = mark;
  }

  private halves(low: number, high: number): void {
    this.reserve(10);
    const { bytes } = this;
    let { at } = this;
    for (; high !== 0; high >>>= 7) {
      bytes[at++] = (low & 0x7f) | 0x80;
      low = ((low >>> 7) | (high << 25)) >>> 0;
    }
    for (; low > 0x7f; low >>>= 7) bytes[at++] = (low & 0x7f) | 0x80;
    bytes[at++] = low;
    this.at = at;
  }

  private utf8(text: string): void {
    this.reserve(text.length * 3);
    this.at += this.bytes.write(text, this.at);
  }

  /** Writes a short text of ASCII, and for JSON only one without escapes; else it writes nothing and answers false. */
  private plain(text: string, inJson: boolean): boolean {
    const length = text.length;
    if (length > shortText) return false;
    const { bytes, at } = this;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code > 0x7e || (inJson && (code < 0x20 || code === 0x22 || code === 0x5c))) return false;
      bytes[at + index] = code;
    }
    this.at = at + length;
    return true;
  }

  private reserve(size: number): void {
    if (this.at + size <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.bytes.length * 2, this.at + size));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }
}

/** The one writer: an answer is written from `begin` to `end` without a pause. */
export const writer = new ByteWriter();
