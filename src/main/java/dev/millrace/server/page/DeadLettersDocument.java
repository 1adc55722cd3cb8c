package dev.millrace.server.page;

import dev.millrace.stream.RefusedRecord;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The event {@code dead-letters}: the latest records that this process could not use. */
final class DeadLettersDocument {
    private DeadLettersDocument() {
    }

    static ObjectNode of(List<RefusedRecord> newestFirst) {
        ObjectNode json = Json.object();
        ArrayNode letters = json.putArray("letters");
        for (RefusedRecord refused : newestFirst) {
            letters.addObject().put("at", refused.atMillis()).put("reason", refused.rejection().reason().id())
                    .put("detail", refused.rejection().detail())
                    .put("place", refused.topic() + "-" + refused.partition() + " @ " + refused.offset()).put("key", refused.key())
                    .put("value", refused.value()).put("value_bytes", refused.valueBytes());
        }
        return json;
    }
}
