package dev.millrace.snapshot;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The safetensors container: eight bytes of header length, a JSON header, then the tensors' bytes, all little-endian
 * (<a href="https://github.com/huggingface/safetensors">safetensors</a>). One metadata entry, {@code sha256}, is the SHA-256 of
 * the whole file with that entry's 64 digits read as zeros.
 *
 * @param metadata text by name
 * @param tensors by name, in file order
 */
record Safetensors(Map<String, String> metadata, Map<String, Tensor> tensors) {
    /**
     * One tensor.
     *
     * @param dtype {@code F32} or {@code U8}, {@code F64}, …
     * @param bytes little-endian, row-major
     */
    record Tensor(String dtype, int[] shape, byte[] bytes) {
    }

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String HASH = "sha256";
    private static final String NO_HASH = "0".repeat(64);

    byte[] encode() {
        ObjectNode header = JSON.createObjectNode();
        ObjectNode meta = header.putObject("__metadata__");
        metadata.forEach(meta::put);
        meta.put(HASH, NO_HASH);
        long offset = 0;
        for (Map.Entry<String, Tensor> entry : tensors.entrySet()) {
            ObjectNode node = header.putObject(entry.getKey());
            node.put("dtype", entry.getValue().dtype());
            var shape = node.putArray("shape");
            for (int size : entry.getValue().shape()) {
                shape.add(size);
            }
            long end = offset + entry.getValue().bytes().length;
            node.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        byte[] head = JSON.writeValueAsBytes(header);
        int headLength = (head.length + 7) / 8 * 8; // padded with spaces, so that the tensors are aligned
        byte[] file = new byte[Math.toIntExact(8 + headLength + offset)];
        LittleEndian.putLong(file, 0, headLength);
        System.arraycopy(head, 0, file, 8, head.length);
        for (int i = 8 + head.length; i < 8 + headLength; i++) {
            file[i] = ' ';
        }
        int at = 8 + headLength;
        for (Tensor tensor : tensors.values()) {
            System.arraycopy(tensor.bytes(), 0, file, at, tensor.bytes().length);
            at += tensor.bytes().length;
        }
        int hashAt = indexOf(file, NO_HASH, 8 + headLength);
        byte[] hash = sha256(file).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(hash, 0, file, hashAt, hash.length);
        return file;
    }

    static Safetensors decode(byte[] file) {
        if (file.length < 8) {
            throw new SnapshotException("not a safetensors file: " + file.length + " bytes are too few");
        }
        long headLength = LittleEndian.getLong(file, 0);
        if (headLength < 2 || headLength > file.length - 8) {
            throw new SnapshotException("not a safetensors file: header length " + headLength + " at byte 0 of " + file.length);
        }
        int dataAt = (int) (8 + headLength);
        JsonNode header;
        try {
            header = JSON.readTree(file, 8, (int) headLength);
        } catch (JacksonException e) {
            throw new SnapshotException("the safetensors header is not JSON: " + e.getOriginalMessage(), e);
        }
        JsonNode meta = header.path("__metadata__");
        String hash = meta.path(HASH).asString("");
        verify(file, hash, dataAt);
        Map<String, String> metadata = new LinkedHashMap<>();
        meta.properties().forEach(entry -> metadata.put(entry.getKey(), entry.getValue().asString("")));
        metadata.remove(HASH);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : header.properties()) {
            if (!entry.getKey().equals("__metadata__")) {
                tensors.put(entry.getKey(), tensor(entry.getKey(), entry.getValue(), file, dataAt));
            }
        }
        return new Safetensors(metadata, tensors);
    }

    private static Tensor tensor(String name, JsonNode node, byte[] file, int dataAt) {
        JsonNode shapeNode = node.path("shape");
        int[] shape = new int[shapeNode.size()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = shapeNode.get(i).asInt(-1);
        }
        long from = node.path("data_offsets").path(0).asLong(-1);
        long to = node.path("data_offsets").path(1).asLong(-1);
        if (from < 0 || to < from || to > file.length - dataAt) {
            throw new SnapshotException("tensor " + name + ": bytes " + from + " to " + to + " of " + (file.length - dataAt));
        }
        byte[] bytes = new byte[(int) (to - from)];
        System.arraycopy(file, (int) (dataAt + from), bytes, 0, bytes.length);
        return new Tensor(node.path("dtype").asString(""), shape, bytes);
    }

    private static void verify(byte[] file, String hash, int dataAt) {
        int hashAt = hash.length() == 64 ? indexOf(file, hash, dataAt) : -1;
        if (hashAt < 0) {
            throw new SnapshotException("the safetensors header has no sha256 metadata");
        }
        byte[] zeroed = file.clone();
        System.arraycopy(NO_HASH.getBytes(StandardCharsets.US_ASCII), 0, zeroed, hashAt, 64);
        String actual = sha256(zeroed);
        if (!actual.equals(hash)) {
            throw new SnapshotException("damaged: its sha256 is " + actual + ", its header says " + hash);
        }
    }

    /** Where the quoted text first stands in the header, or -1. */
    private static int indexOf(byte[] file, String digits, int end) {
        byte[] wanted = ("\"" + HASH + "\":\"" + digits + "\"").getBytes(StandardCharsets.US_ASCII);
        for (int at = 8; at <= end - wanted.length; at++) {
            int i = 0;
            while (i < wanted.length && file[at + i] == wanted[i]) {
                i++;
            }
            if (i == wanted.length) {
                return at + wanted.length - 65;
            }
        }
        return -1;
    }

    static String sha256(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (byte[] part : parts) {
                digest.update(part);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
