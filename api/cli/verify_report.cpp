#include "api/cli/verify_report.hpp"

#include "api/import/progress.hpp"
#include "core/base/hex.hpp"
#include "core/es/json_writer.hpp"

namespace factum::cli {
namespace {

using importing::with_thousands;

// Texts from a log may hold anything.
std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back(byte < 0x20 || byte >= 0x7F ? '?' : c);
  }
  return out;
}

std::string line(const char* name, const std::string& value) {
  std::string text = std::string("  ") + name;
  constexpr std::size_t kValueColumn = 15;
  text.resize(std::max(text.size() + 1, kValueColumn), ' ');
  return text + value + "\n";
}

std::string ciphertexts(const LogVerdict& verdict) {
  if (verdict.slots > 0 && verdict.present + verdict.destroyed == 0)
    return "not published (" + with_thousands(verdict.slots) + " in the records)";
  std::string text = with_thousands(verdict.present) + " intact, " +
                     with_thousands(verdict.destroyed) + " destroyed";
  if (verdict.destroyed > 0 && verdict.good()) text += ", each by an erasure that the log holds";
  return text;
}

struct Tree {
  std::string origin;
  std::int64_t size = 0;
  std::string root;

  static void describe(FieldVisitor& v, Tree& t) {
    v.shown("origin", t.origin, "Name of the log");
    v.shown("size", t.size, "Number of events");
    v.shown("root", t.root, "Root of the tree, in hex");
  }
  static std::optional<Tree> of(const std::optional<SignedTree>& tree) {
    if (!tree) return {};
    return Tree{tree->origin, static_cast<std::int64_t>(tree->size), to_hex(tree->root)};
  }
};

struct Ciphertexts {
  std::int64_t in_records = 0;
  std::int64_t intact = 0;
  std::int64_t destroyed = 0;
  std::vector<std::int64_t> destroyed_positions;

  static void describe(FieldVisitor& v, Ciphertexts& c) {
    v.shown("in_records", c.in_records, "Named by records");
    v.shown("intact", c.intact, "There, and those of their records");
    v.shown("destroyed", c.destroyed, "Not there");
    v.shown("destroyed_positions", c.destroyed_positions, "Where, if asked for");
  }
};

struct Fault {
  std::optional<std::int64_t> position;
  std::string message;

  static void describe(FieldVisitor& v, Fault& f) {
    v.shown("position", f.position, "The first wrong position, if there is one");
    v.shown("message", f.message, "What is wrong");
  }
};

struct Report {
  bool good = false;
  std::string source;
  std::string vkey;
  bool key_is_claim = false;
  std::optional<Tree> checkpoint;
  std::optional<Tree> held;
  bool held_contained = false;
  std::int64_t events_checked = 0;
  std::int64_t events_unsigned = 0;
  Ciphertexts ciphertexts;
  std::vector<std::string> notes;
  std::optional<Fault> wrong;

  static void describe(FieldVisitor& v, Report& r) {
    v.shown("good", r.good, "Whether every check holds");
    v.shown("source", r.source, "What was read");
    v.shown("vkey", r.vkey, "The key the signature was checked with");
    v.shown("key_is_claim", r.key_is_claim, "Nobody but the log vouches for the key");
    v.shown("checkpoint", r.checkpoint, "The newest checkpoint");
    v.shown("held", r.held, "The checkpoint of the auditor");
    v.shown("held_contained", r.held_contained, "Whether the log contains it");
    v.shown("events_checked", r.events_checked, "Events that were checked");
    v.shown("events_unsigned", r.events_unsigned, "Those behind the checkpoint");
    v.shown("ciphertexts", r.ciphertexts, "Sealed data");
    v.shown("notes", r.notes, "What is no fault");
    v.shown("wrong", r.wrong, "The first thing that is wrong");
  }
};

std::int64_t number(std::uint64_t value) { return static_cast<std::int64_t>(value); }

}  // namespace

std::string verdict_text(const LogVerdict& verdict) {
  std::string text = printable(verdict.source) + "\n";
  if (!verdict.vkey.empty()) text += line("key", printable(verdict.vkey));
  if (verdict.key_is_claim)
    text += line("",
                 "this key is the log's own claim: whoever forged the log forged it too; "
                 "give --vkey");
  if (verdict.checkpoint) {
    text += line("origin", printable(verdict.checkpoint->origin));
    text += line("checkpoint", with_thousands(verdict.checkpoint->size) + " events, root " +
                                   to_hex(verdict.checkpoint->root));
  }
  std::string events = with_thousands(verdict.events) + " events";
  if (verdict.unsigned_events > 0)
    events += ", the last " + with_thousands(verdict.unsigned_events) + " not signed yet";
  text += line("checked", events);
  if (verdict.held)
    text += line("held", with_thousands(verdict.held->size) + " events, " +
                             (verdict.held_found ? "contained" : "not found yet"));
  text += line("ciphertexts", ciphertexts(verdict));
  for (const std::uint64_t position : verdict.destroyed_positions)
    text += line("destroyed", "at position " + std::to_string(position));
  for (const std::string& note : verdict.notes) text += line("note", printable(note));
  if (verdict.good()) return text + "good: every check of docs/transparency.md holds\n";
  const std::uint64_t position = verdict.fault->position;
  const std::string at = position == 0 ? "" : "position " + std::to_string(position) + ": ";
  return text + "WRONG: " + at + printable(verdict.fault->message) + "\n";
}

std::string verdict_json(const LogVerdict& verdict) {
  Report report;
  report.good = verdict.good();
  report.source = verdict.source;
  report.vkey = verdict.vkey;
  report.key_is_claim = verdict.key_is_claim;
  report.checkpoint = Tree::of(verdict.checkpoint);
  report.held = Tree::of(verdict.held);
  report.held_contained = verdict.held_found;
  report.events_checked = number(verdict.events);
  report.events_unsigned = number(verdict.unsigned_events);
  report.ciphertexts = {number(verdict.slots),
                        number(verdict.present),
                        number(verdict.destroyed),
                        {verdict.destroyed_positions.begin(), verdict.destroyed_positions.end()}};
  report.notes = verdict.notes;
  if (verdict.fault) {
    report.wrong.emplace();
    if (verdict.fault->position != 0) report.wrong->position = number(verdict.fault->position);
    report.wrong->message = verdict.fault->message;
  }
  return to_json(report) + "\n";
}

}  // namespace factum::cli
