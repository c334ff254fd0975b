/** What a person is told of something that was thrown. */
export const errorText = (error: unknown): string => (error instanceof Error ? error.message : String(error));
