// Deciding: the state a command has to look at, rules with names, and what a decision consists of.
//
// A state is a struct folded from the events of one entity:
//
//   struct Deal {
//     using Id = DealId;
//     using Events = TypeList<DealOpened, DealWon, …>;    // the events that change its own state,
//     nothing else void evolve(const DealOpened&, const EventInfo&);   // one per type; total:
//     accepts whatever was ever stored static void describe(FieldVisitor&, Deal&);         // what
//     GET answers
//   };
//
// A command is a struct with what the caller wants, the model it looks at, and a pure decision:
//
//   struct WinDeal {
//     static constexpr std::string_view kName = "WinDeal", kDoc = "…";
//     DealId deal;                                          // the target: from the path, or new
//     when kCreates Uuid& target() { return deal.uuid; } static void describe(FieldVisitor&,
//     WinDeal&);        // the request body; the target is not part of it struct Model {
//     Folded<Deal> deal; }; Result<Model> load(ModelReader&) const; Result<Decision> decide(const
//     Model&, const DecisionContext&) const;
//   };
#pragma once

#include "core/base/result.hpp"
#include "core/es/event_codec.hpp"
#include "core/es/event_store.hpp"
#include "core/es/event_type.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace factum {

/// What `evolve` may know of an event besides its values.
struct EventInfo {
  Uuid event_id;
  Position position;
  Timestamp recorded_at;
  std::optional<Timestamp> occurred_at;
  Source source = Source::api;
  std::string_view actor;  ///< "user:0198…"
  /// When it happened, or when it was recorded if it is undated.
  Timestamp happened_at() const { return occurred_at.value_or(recorded_at); }
};

/// A state and its version: the position of the last event that changed it; 0 = there is no such
/// entity.
template <class S>
struct Folded {
  typename S::Id id;
  S state;
  Position version;
  /// The last event of each kind: of a type, or of all types of S::Moves together.
  std::vector<std::pair<std::string_view, Uuid>> last_events = {};

  bool exists() const { return version != Position{}; }
  std::optional<Timestamp> moved_at = {};  ///< of the last of S::Moves; absent: undated, or none
  /// Whether nothing of its kind came after this event.
  bool is_last_of_its_kind(const Uuid& event) const {
    return std::any_of(last_events.begin(), last_events.end(),
                       [&](const auto& last) { return last.second == event; });
  }
};

/// A value whose holder a decision looks up or changes; the value itself is digested before it
/// leaves the decision.
struct ClaimIntent {
  std::string space;  ///< "customer.email"
  std::string value;  ///< normalised; personal: never logged
  Claim::Action action = Claim::Action::take;
  std::string holder;
};

/// Reads decision models from one fixed moment of the log and remembers what was looked at, for the
/// append condition.
class ModelReader {
 public:
  using OnEvent = std::function<void(const DecodedEvent&)>;

  virtual ~ModelReader() = default;

  /// The state of one entity; of a nil id nothing is read and the state does not exist. O(events of
  /// the entity).
  template <class S>
  Result<Folded<S>> fold(const typename S::Id& id);
  template <class S>
  Result<Folded<S>> fold(const std::optional<typename S::Id>& id) {
    return fold<S>(id.value_or(typename S::Id{}));
  }
  /// Who holds a claimed value at this moment: a tag, or nothing.
  virtual Result<std::optional<std::string>> holder(std::string_view space,
                                                    std::string_view value) = 0;

 protected:
  /// Feeds every event of `item` to `on_event`, in order. `open_slots`: the state needs personal
  /// values.
  virtual Status replay(const QueryItem& item, bool open_slots, const OnEvent& on_event) = 0;
};

/// A named rule. The name is stable: clients and imported events carry it.
struct Rule {
  std::string_view name;     ///< "deal.closed"
  std::string_view message;  ///< a sentence that says what to do
};

/// What a decision gets besides command and model; everything that is not pure arrives here.
struct DecisionContext {
  Timestamp now;                         ///< recorded time to decide at
  std::optional<Timestamp> occurred_at;  ///< when it happened; absent = undated (imports only)
  bool import = false;           ///< history from elsewhere: broken rules are recorded, not refused
  bool late = false;             ///< an import adds this to what it told before
  bool again = false;            ///< an import said this before and says it otherwise now
  std::optional<Uuid> corrects;  ///< then: the last event recorded for it
  std::string actor;             ///< "user:0198…"
  IdSource* ids = nullptr;       ///< ids of further entities that the command makes
};

struct DecidedEvent {
  EventBox event;
  std::optional<Timestamp> occurred_at;
};

/// What is to be appended. No events = nothing to change, which is a success.
struct Decision {
  std::vector<DecidedEvent> events;
  std::vector<ClaimIntent> claims;
  std::vector<std::string> broken_rules;
  std::vector<Uuid> fenced_keys;  ///< see AppendRequest

  template <class E>
  void emit(E event, const DecisionContext& context) {
    events.push_back({EventBox::of(std::move(event)), context.occurred_at});
  }
  template <class E>
  void emit_at(E event, std::optional<Timestamp> occurred_at) {
    events.push_back({EventBox::of(std::move(event)), occurred_at});
  }
  void claim(std::string space, std::string value, Claim::Action action, std::string holder) {
    claims.push_back({std::move(space), std::move(value), action, std::move(holder)});
  }
  /// Refuses with rule_violation unless `holds`; in an import the broken rule is noted and the
  /// decision goes on.
  Status require(bool holds, const Rule& rule, const DecisionContext& context);
};

// ---- folding
// -------------------------------------------------------------------------------------------------

namespace detail {

template <class E, class... All>
constexpr bool is_one_of(TypeList<All...> /*list*/) {
  return (std::is_same_v<E, All> || ...);
}

inline constexpr std::string_view kMoves = "moves";

// Types that move an entity on its way are of one kind.
template <class E, class S>
constexpr std::string_view kind_of() {
  if constexpr (requires { typename S::Moves; }) {
    if (is_one_of<E>(typename S::Moves{})) return kMoves;
  }
  return E::kName;
}

template <class E, class S>
bool evolve_one(Folded<S>& folded, const DecodedEvent& decoded, const EventInfo& info) {
  const E* event = decoded.get<E>();
  if (event == nullptr) return false;
  folded.state.evolve(*event, info);
  constexpr std::string_view kKind = kind_of<E, S>();
  if (kKind == kMoves) folded.moved_at = info.occurred_at;
  const auto last = std::find_if(folded.last_events.begin(), folded.last_events.end(),
                                 [&](const auto& known) { return known.first == kKind; });
  if (last != folded.last_events.end())
    last->second = info.event_id;
  else
    folded.last_events.emplace_back(kKind, info.event_id);
  return true;
}

template <class S, class... E>
bool evolve_any(Folded<S>& folded, const DecodedEvent& decoded, const EventInfo& info,
                TypeList<E...>) {
  return (evolve_one<E>(folded, decoded, info) || ...);
}

template <class... E>
std::vector<std::string> names_of(TypeList<E...>) {
  return {std::string(E::kName)...};
}

template <class S>
constexpr bool opens_slots() {
  if constexpr (requires { S::kOpensSlots; }) {
    return S::kOpensSlots;
  } else {
    return false;
  }
}

}  // namespace detail

/// Applies one event to a state; true if the event is one of the state's own.
template <class S>
bool evolve(Folded<S>& folded, const DecodedEvent& decoded) {
  const EventInfo info{decoded.record().event_id,     decoded.position(),
                       decoded.recorded->recorded_at, decoded.record().occurred_at,
                       decoded.record().source,       decoded.record().actor};
  if (!detail::evolve_any(folded, decoded, info, typename S::Events{})) return false;
  folded.version = decoded.position();
  return true;
}

/// The events that make up the state of an entity.
template <class S>
QueryItem query_of(const typename S::Id& id) {
  return {detail::names_of(typename S::Events{}), {id.tag()}};
}

template <class S>
Result<Folded<S>> ModelReader::fold(const typename S::Id& id) {
  Folded<S> folded{id, {}, {}, {}, {}};
  if (id.is_nil()) return folded;
  FACTUM_CHECK(replay(query_of<S>(id), detail::opens_slots<S>(),
                      [&](const DecodedEvent& event) { evolve(folded, event); }));
  return folded;
}

}  // namespace factum
