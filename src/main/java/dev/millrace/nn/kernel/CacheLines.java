package dev.millrace.nn.kernel;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/**
 * Where the lines of a core's cache, 64 bytes each, begin in an array. A vector of 16 floats that lies in two lines is read or
 * written at half the rate, and of eight arrays seven begin somewhere within a line: the virtual machine aligns objects to 8 bytes.
 *
 * <p>
 * Java does not tell an array's address, but C's {@code memcpy} returns its argument. The collector may move an array at any time, and
 * answers are remembered; so an answer may decide how fast something is computed, and must not decide what.
 */
final class CacheLines {
    private static final int FLOATS = 16;

    /** Asking may leave an object behind. */
    private static final int ANSWERS = 1_000;

    // Several threads may share them; what they get wrong, they get wrong for a thousand answers.
    private int array; // that was last asked for, its hash
    private int first; // line in it
    private int answers;

    /**
     * How many floats lie before the first line that begins at an index or after it: 0 to 15. Without native access
     * ({@code --enable-native-access}) as if the array began with a line.
     */
    int next(float[] a, int index) {
        int hash = System.identityHashCode(a);
        if (hash != array || --answers < 0) {
            first = first(a);
            array = hash;
            answers = ANSWERS;
        }
        return first - index & FLOATS - 1;
    }

    private static int first(float[] a) {
        MethodHandle memcpy = Address.MEMCPY;
        if (memcpy == null) {
            return 0;
        }
        MemorySegment segment = MemorySegment.ofArray(a);
        try {
            long address = (long) memcpy.invokeExact(segment, segment, 0L);
            return before(address);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) { // as method handles declare
            throw new IllegalStateException("memcpy of nothing failed", e);
        }
    }

    /** How many floats lie between an address, a multiple of 4, and the first line from there on. */
    static int before(long address) {
        return (int) -(address / Float.BYTES) & FLOATS - 1;
    }

    /** Made when it is first needed: that takes a tenth of a second, which a small network need not spend. */
    private static final class Address {
        private static final @Nullable MethodHandle MEMCPY = memcpy();

        @SuppressWarnings("restricted") // allowed, as the first line sees to
        private static @Nullable MethodHandle memcpy() {
            if (!CacheLines.class.getModule().isNativeAccessEnabled()) {
                return null; // the virtual machine would warn of it at every start
            }
            Linker linker = Linker.nativeLinker();
            FunctionDescriptor signature = FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS, ValueLayout.ADDRESS,
                    ValueLayout.JAVA_LONG);
            return linker.defaultLookup().find("memcpy")
                    .map(function -> linker.downcallHandle(function, signature, Linker.Option.critical(true))).orElse(null);
        }
    }
}
