package dev.millrace.metrics;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/** One thread's part of a count that others read: to add to it waits for no other processor, as an atomic addition would. */
public final class Count {
    private static final VarHandle VALUE;

    static {
        try {
            VALUE = MethodHandles.lookup().findVarHandle(Count.class, "value", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private long value;

    Count() {
    }

    /** For the one thread whose count it is. */
    public void add(int more) {
        VALUE.setOpaque(this, value + more);
    }

    /** What has been added so far; from any thread. */
    long get() {
        return (long) VALUE.getOpaque(this);
    }
}
