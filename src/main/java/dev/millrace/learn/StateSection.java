package dev.millrace.learn;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;
import java.util.function.Supplier;

/** A section over an array of long, double or float: words of 8 bytes that keep every bit, those of a NaN too. */
abstract class StateSection implements LearnerState.Section {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final String name;
    private final int byteLength;
    private final boolean changesByStepOnly;

    private StateSection(String name, int words, boolean changesByStepOnly) {
        this.name = name;
        this.byteLength = Math.multiplyExact(words, Long.BYTES);
        this.changesByStepOnly = changesByStepOnly;
    }

    /** @param changed runs after each change of the array */
    static StateSection ofLongs(String name, long[] array, Runnable changed) {
        return new StateSection(name, array.length, false) {
            @Override
            void writeWords(int first, int end, byte[] into, int at) {
                for (int i = first; i < end; i++) {
                    LONG.set(into, at + (i - first) * Long.BYTES, array[i]);
                }
            }

            @Override
            void readWords(int first, int end, byte[] bytes, int at) {
                for (int i = first; i < end; i++) {
                    array[i] = (long) LONG.get(bytes, at + (i - first) * Long.BYTES);
                }
                changed.run();
            }
        };
    }

    static StateSection ofDoubles(String name, double[] array) {
        return new StateSection(name, array.length, false) {
            @Override
            void writeWords(int first, int end, byte[] into, int at) {
                for (int i = first; i < end; i++) {
                    LONG.set(into, at + (i - first) * Long.BYTES, Double.doubleToRawLongBits(array[i]));
                }
            }

            @Override
            void readWords(int first, int end, byte[] bytes, int at) {
                for (int i = first; i < end; i++) {
                    array[i] = Double.longBitsToDouble((long) LONG.get(bytes, at + (i - first) * Long.BYTES));
                }
            }
        };
    }

    /**
     * Two floats are one word, the first in its low half; the half behind an odd last one is 0 and ignored when read.
     *
     * @param array the current array, always of the same length
     */
    static StateSection ofFloats(String name, boolean changesByStepOnly, Supplier<float[]> array) {
        return new StateSection(name, Math.ceilDiv(array.get().length, 2), changesByStepOnly) {
            @Override
            void writeWords(int first, int end, byte[] into, int at) {
                float[] floats = array.get();
                for (int i = first; i < end; i++) {
                    long low = Float.floatToRawIntBits(floats[2 * i]) & 0xFFFF_FFFFL;
                    long high = 2 * i + 1 < floats.length ? Float.floatToRawIntBits(floats[2 * i + 1]) : 0;
                    LONG.set(into, at + (i - first) * Long.BYTES, high << Integer.SIZE | low);
                }
            }

            @Override
            void readWords(int first, int end, byte[] bytes, int at) {
                float[] floats = array.get();
                for (int i = first; i < end; i++) {
                    long word = (long) LONG.get(bytes, at + (i - first) * Long.BYTES);
                    floats[2 * i] = Float.intBitsToFloat((int) word);
                    if (2 * i + 1 < floats.length) {
                        floats[2 * i + 1] = Float.intBitsToFloat((int) (word >>> Integer.SIZE));
                    }
                }
            }
        };
    }

    /** Writes words {@code [first, end)}. */
    abstract void writeWords(int first, int end, byte[] into, int at);

    /** Reads words {@code [first, end)}. */
    abstract void readWords(int first, int end, byte[] bytes, int at);

    @Override
    public String name() {
        return name;
    }

    @Override
    public int byteLength() {
        return byteLength;
    }

    @Override
    public boolean changesByStepOnly() {
        return changesByStepOnly;
    }

    @Override
    public void write(int from, int length, byte[] into, int at) {
        check(from, length, into, at);
        writeWords(from / Long.BYTES, (from + length) / Long.BYTES, into, at);
    }

    @Override
    public void read(int from, int length, byte[] bytes, int at) {
        check(from, length, bytes, at);
        readWords(from / Long.BYTES, (from + length) / Long.BYTES, bytes, at);
    }

    private void check(int from, int length, byte[] bytes, int at) {
        if ((from | length) % Long.BYTES != 0) {
            throw new IllegalArgumentException(
                    "a range of section " + name + " must be a multiple of 8, found " + from + " and length " + length);
        }
        Objects.checkFromIndexSize(from, length, byteLength);
        Objects.checkFromIndexSize(at, length, bytes.length);
    }
}
