package dev.millrace.learn;

/**
 * How numbers are spread: equally wide bins from the least to the greatest. Numbers that are not finite are left out.
 *
 * @param count of the numbers in it; without any, everything else is NaN or empty
 * @param deviation standard deviation, of the population
 * @param bins numbers in each; if all numbers are equal they are in the first
 */
public record Histogram(int count, double least, double greatest, double mean, double deviation, int[] bins) {
    /**
     * Counts numbers.
     *
     * @param values those at {@code first}, {@code first + stride}, …; read
     */
    public static Histogram of(float[] values, int first, int stride, int bins) {
        int count = 0;
        double least = Double.POSITIVE_INFINITY;
        double greatest = Double.NEGATIVE_INFINITY;
        double sum = 0;
        double squares = 0;
        for (int i = first; i < values.length; i += stride) {
            double value = values[i];
            if (Double.isFinite(value)) {
                count++;
                least = Math.min(least, value);
                greatest = Math.max(greatest, value);
                sum += value;
                squares += value * value;
            }
        }
        if (count == 0) {
            return new Histogram(0, Double.NaN, Double.NaN, Double.NaN, Double.NaN, new int[0]);
        }
        double mean = sum / count;
        double perBin = (greatest - least) / bins;
        int[] counts = new int[bins];
        for (int i = first; i < values.length; i += stride) {
            double value = values[i];
            if (Double.isFinite(value)) {
                counts[perBin > 0 ? Math.min(bins - 1, (int) ((value - least) / perBin)) : 0]++;
            }
        }
        return new Histogram(count, least, greatest, mean, Math.sqrt(Math.max(0, squares / count - mean * mean)), counts);
    }
}
