/** Videos at once that a row of `lane_workers` takes (SQL of an integer): none while its machine's disk is nearly full. */
export const PLACES = 'CASE WHEN disk_low THEN 0 ELSE places END';
