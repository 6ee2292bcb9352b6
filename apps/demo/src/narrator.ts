import type { Clock } from '@flotilla/kernel';

/** One line of the live board: an application on its cluster. */
export interface BoardRow {
  application: string;
  cluster: string;
  sync: string;
  health: string;
}

const DIM = '\x1b[2m';
const BOLD = '\x1b[1m';
const RESET = '\x1b[0m';
const HEALTH_COLOUR: Record<string, string> = {
  Healthy: '\x1b[32m',
  Progressing: '\x1b[36m',
  Degraded: '\x1b[31m',
  Unknown: '\x1b[33m',
  Missing: '\x1b[33m',
};
const REDRAW_EVERY_MS = 100;

export interface Screen {
  isTTY?: boolean;
  columns?: number;
  write(text: string): boolean;
}

/** Tells the story: plain lines, and on a terminal a board of all applications that redraws itself below them. */
export class Narrator {
  readonly #screen: Screen;
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #colour: boolean;
  #board: readonly BoardRow[] = [];
  readonly #told: string[] = [];
  #drawnLines = 0;
  #drawnAt = 0;

  constructor(screen: Screen, clock: Clock, env: Readonly<Record<string, string | undefined>>) {
    this.#screen = screen;
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#colour = screen.isTTY === true && !env.NO_COLOR;
  }

  chapter(title: string): void {
    this.line('');
    this.line(this.#colour ? `${BOLD}${title}${RESET}` : `== ${title}`);
  }

  /** Every line so far. */
  get told(): string {
    return this.#told.join('\n');
  }

  line(text: string): void {
    this.#told.push(text);
    this.#erase();
    const at = ((this.#clock.now() - this.#startedAt) / 1000).toFixed(1).padStart(6);
    this.#screen.write(text === '' ? '\n' : `${this.#colour ? DIM : ''}${at}s${this.#colour ? RESET : ''}  ${text}\n`);
    this.#draw(true);
  }

  /** Text without a time, for the closing instructions. */
  block(text: string): void {
    this.#erase();
    this.#screen.write(`${text}\n`);
  }

  /** Shows the fleet as it stands; only a terminal draws it, at most every 100 ms. */
  show(rows: readonly BoardRow[]): void {
    this.#board = rows;
    this.#draw(false);
  }

  /** Takes the board away for good. */
  end(): void {
    this.#erase();
    this.#board = [];
  }

  #erase(): void {
    if (this.#drawnLines > 0) this.#screen.write(`\x1b[${this.#drawnLines}A\x1b[J`);
    this.#drawnLines = 0;
  }

  #draw(force: boolean): void {
    if (this.#screen.isTTY !== true || this.#board.length === 0) return;
    const now = this.#clock.now();
    if (!force && now - this.#drawnAt < REDRAW_EVERY_MS) return;
    this.#erase();
    const lines = this.#board.map((row) => this.#rowText(row));
    this.#screen.write(`${lines.join('\n')}\n`);
    this.#drawnLines = lines.length;
    this.#drawnAt = now;
  }

  #rowText({ application, cluster, sync, health }: BoardRow): string {
    const text = `  ${application.padEnd(22)} ${cluster.padEnd(12)} ${sync.padEnd(10)} `.slice(0, (this.#screen.columns ?? 100) - 14);
    return this.#colour ? `${DIM}${text}${RESET}${HEALTH_COLOUR[health] ?? ''}${health}${RESET}` : text + health;
  }
}
