package dev.millrace.cli;

import com.sun.management.HotSpotDiagnosticMXBean;
import dev.millrace.nn.kernel.Kernels;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;

/** Says what makes the arithmetic slower than it could be on this machine. Results are the same in any case. */
final class SlowMachine {
    private SlowMachine() {
    }

    /** One line for each reason, none on a machine that has all it needs. */
    static void warn(PrintWriter err) {
        if (!Kernels.vectorised()) {
            err.println("warning: java runs without --add-modules " + Kernels.VECTOR_MODULE
                    + "; the network is computed by plain loops, with the same results in several times the time.");
        }
        if (!hasMultiplyAdd()) {
            err.println("warning: this processor has no fused multiply-add; the network is computed with it in software, with the same"
                    + " results in hundreds of times the time.");
        }
        err.flush();
    }

    /** True also on a virtual machine that does not tell. */
    private static boolean hasMultiplyAdd() {
        HotSpotDiagnosticMXBean machine = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        try {
            return machine == null || Boolean.parseBoolean(machine.getVMOption("UseFMA").getValue());
        } catch (IllegalArgumentException _) {
            return true;
        }
    }
}
