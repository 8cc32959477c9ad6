// The JSON that MldhtPeer reads and writes: objects, arrays, strings, integers, doubles; bounded depth.
import java.util.*;

final class Json {
  private final String s; private int i;
  private Json(String s) { this.s = s; }
  static Object parse(String s) {
    Json j = new Json(s); Object v = j.value(0); j.ws();
    if (j.i != s.length()) throw j.bad();
    return v;
  }
  private IllegalArgumentException bad() { return new IllegalArgumentException("bad JSON at " + i); }
  private void ws() { while (i < s.length() && " \t\r\n".indexOf(s.charAt(i)) >= 0) i++; }
  private char next() { if (i >= s.length()) throw bad(); return s.charAt(i++); }
  private boolean take(char c) { ws(); if (i < s.length() && s.charAt(i) == c) { i++; return true; } return false; }
  private void need(char c) { if (!take(c)) throw bad(); }
  private Object word(String w, Object v) { if (!s.startsWith(w, i)) throw bad(); i += w.length(); return v; }
  private Object value(int depth) {
    if (depth > 64) throw bad();
    ws();
    char c = i < s.length() ? s.charAt(i) : 0;
    switch (c) {
      case '{': {
        Map<String, Object> m = new LinkedHashMap<>(); i++;
        if (take('}')) return m;
        do { ws(); if (i >= s.length() || s.charAt(i) != '"') throw bad(); String k = string(); need(':'); m.put(k, value(depth + 1)); } while (take(','));
        need('}'); return m;
      }
      case '[': {
        List<Object> l = new ArrayList<>(); i++;
        if (take(']')) return l;
        do l.add(value(depth + 1)); while (take(','));
        need(']'); return l;
      }
      case '"': return string();
      case 't': return word("true", true);
      case 'f': return word("false", false);
      case 'n': return word("null", null);
      default: {
        int b = i;
        while (i < s.length() && "+-.eE0123456789".indexOf(s.charAt(i)) >= 0) i++;
        String n = s.substring(b, i);
        try { return n.matches("-?\\d+") ? (Object) Long.valueOf(n) : Double.valueOf(n); } catch (NumberFormatException e) { throw bad(); }
      }
    }
  }
  private String string() {
    StringBuilder b = new StringBuilder(); i++;
    for (;;) {
      char c = next();
      if (c == '"') return b.toString();
      if (c != '\\') { b.append(c); continue; }
      c = next();
      int at = "\"\\/bfnrt".indexOf(c);
      if (at >= 0) b.append("\"\\/\b\f\n\r\t".charAt(at));
      else if (c == 'u' && i + 4 <= s.length()) { b.append((char) Integer.parseInt(s.substring(i, i + 4), 16)); i += 4; }
      else throw bad();
    }
  }
  static String write(Object v) { StringBuilder b = new StringBuilder(); write(b, v); return b.toString(); }
  private static void write(StringBuilder b, Object v) {
    if (v == null || v instanceof Boolean) b.append(v);
    else if (v instanceof Number) b.append(v instanceof Double ? String.valueOf(Math.round((Double) v * 1000) / 1000.0) : v.toString());
    else if (v instanceof Map) {
      String sep = "{";
      for (Map.Entry<?, ?> e : ((Map<?, ?>) v).entrySet()) { b.append(sep); write(b, e.getKey().toString()); b.append(':'); write(b, e.getValue()); sep = ","; }
      b.append(sep.equals("{") ? "{}" : "}");
    } else if (v instanceof Iterable) {
      String sep = "[";
      for (Object x : (Iterable<?>) v) { b.append(sep); write(b, x); sep = ","; }
      b.append(sep.equals("[") ? "[]" : "]");
    } else {
      b.append('"');
      for (char c : v.toString().toCharArray()) {
        if (c == '"' || c == '\\') b.append('\\').append(c);
        else if (c < 0x20 || c >= 0x7f) b.append(String.format("\\u%04x", (int) c));
        else b.append(c);
      }
      b.append('"');
    }
  }
}
