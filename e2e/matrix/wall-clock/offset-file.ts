/** Environment variable with the path of the file that has the offset. */
export const OFFSET_FILE = 'WALL_CLOCK_OFFSET_FILE';
