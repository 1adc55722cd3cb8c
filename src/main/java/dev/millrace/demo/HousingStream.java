package dev.millrace.demo;

import java.util.List;
import java.util.NoSuchElementException;

/**
 * An invented stream of census blocks with the columns of the well-known California set, so that a demonstration needs no file:
 * the same seed and length give the same records. No record of anybody's data is in it.
 *
 * <p>
 * The price (US$) grows with income, less so where income is high; it is lifted around two cities at the coast, by room to
 * live in, and by age inside the cities while age lowers it outside. Over the stream prices rise slowly by a quarter, and
 * half-way they jump by {@link #SHIFT}: what was learned before is then wrong, which is what a learner on a stream is for.
 * About 13 % of the price is noise that nothing can predict.
 */
final class HousingStream implements RowSource {
    static final List<String> COLUMNS = List.of("longitude", "latitude", "housing_median_age", "total_rooms", "total_bedrooms",
            "population", "households", "median_income", "median_house_value");
    static final String LABEL = "median_house_value";

    /** Factor on all prices from the middle of the stream on. */
    static final double SHIFT = 1.35;
    private static final double RISE = 0.25;
    private static final double NOISE = 0.13;

    private final long seed;
    private final long records;

    /** A stream of so many records. */
    HousingStream(long seed, long records) {
        if (records < 1) {
            throw new IllegalArgumentException("a stream needs at least 1 record, found " + records);
        }
        this.seed = seed;
        this.records = records;
    }

    /** The same records in every epoch. */
    @Override
    public Rows open(int epoch) {
        RowEncoder encoder = new RowEncoder(COLUMNS, LABEL, null);
        Blocks blocks = new Blocks();
        return new Rows() {
            @Override
            public boolean hasNext() {
                return blocks.made < records;
            }

            @Override
            public Row next() {
                return encoder.encode(blocks.next());
            }

            @Override
            public double fraction() {
                return (double) blocks.made / records;
            }

            @Override
            public void close() {
                // Nothing is open.
            }
        };
    }

    /** Starts the stream as cells of text in the order of {@link #COLUMNS}. */
    Blocks blocks() {
        return new Blocks();
    }

    /** One pass over the invented blocks. */
    final class Blocks {
        private final SplitMix random = new SplitMix(seed);
        private long made;

        /** The next block; {@code records} in all. */
        String[] next() {
            if (made == records) {
                throw new NoSuchElementException();
            }
            double progress = (double) made++ / records;

            double region = random.nextDouble();
            double latitude;
            double longitude;
            if (region < 0.35) {
                latitude = 37.7 + 0.35 * random.nextGaussian();
                longitude = -122.2 + 0.35 * random.nextGaussian();
            } else if (region < 0.75) {
                latitude = 34.0 + 0.35 * random.nextGaussian();
                longitude = -118.2 + 0.45 * random.nextGaussian();
            } else {
                latitude = 33.0 + 8 * random.nextDouble();
                // The coast runs from north-west to south-east.
                longitude = -118.5 - 0.75 * (latitude - 34) + 2.5 * random.nextDouble();
            }
            double north = StrictMath.hypot(latitude - 37.75, longitude + 122.4);
            double south = StrictMath.hypot(latitude - 34.05, longitude + 118.4);
            double city = bump(north, 0.8) + bump(south, 0.7);

            double income = Math.clamp(3.5 * StrictMath.exp(0.45 * random.nextGaussian() + 0.12 * city), 0.5, 15);
            double age = Math.clamp(Math.rint(26 + 8 * city + 12 * random.nextGaussian()), 1, 52);
            double households = Math.max(20, Math.rint(410 * StrictMath.exp(0.6 * random.nextGaussian())));
            double population = Math.max(30, Math.rint(households * Math.max(1.2, 2.8 + 0.5 * random.nextGaussian())));
            double roomsEach = Math.max(2, 5 + 0.45 * (income - 3.5) - 0.5 * city + 0.6 * random.nextGaussian());
            double rooms = Math.rint(households * roomsEach);
            double bedrooms = Math.rint(households * Math.max(0.8, 1.07 + 0.06 * random.nextGaussian()));

            double thousands = 20 + 42 * income - (income > 6 ? 1.6 * (income - 6) * (income - 6) : 0)
                    + 130 * bump(north, 0.8)
                    + 95 * bump(south, 0.7)
                    + 30 * StrictMath.tanh((rooms / population - 2) / 0.6)
                    + (0.9 * city - 0.4) * age;
            double drift = (1 + RISE * progress) * (progress >= 0.5 ? SHIFT : 1);
            double value = Math.max(15, thousands * drift * StrictMath.exp(NOISE * random.nextGaussian())) * 1000;

            return new String[]{ decimal(longitude, 2), decimal(latitude, 2), decimal(age, 0), decimal(rooms, 0), decimal(bedrooms, 0),
                    decimal(population, 0), decimal(households, 0), decimal(income, 4), decimal(value, 0)};
        }
    }

    private static double bump(double distance, double radius) {
        return StrictMath.exp(-(distance / radius) * (distance / radius));
    }

    /** Ten times as fast as String.format, which would be most of the generator's time. */
    private static String decimal(double value, int digits) {
        if (digits == 0) {
            return Long.toString(Math.round(value));
        }
        long scale = digits == 2 ? 100 : 10_000;
        long scaled = Math.round(Math.abs(value) * scale);
        String fraction = Long.toString(scale + scaled % scale).substring(1);
        return (value < 0 ? "-" : "") + scaled / scale + "." + fraction;
    }
}
