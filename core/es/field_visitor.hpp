// One description per struct: its JSON, schema, field registry, row bytes and test data are all
// derived from it.
//
// A struct describes itself once:
//
//   static void describe(FieldVisitor& v, DealWon& e) {
//     v.id("deal", e.deal, "The deal that was won");                     // a tag of the event
//     v.fact("amount", e.amount, "Final value");                         // a plain fact
//     v.personal("note", e.note, by("customer", e.customer), "Why");     // sealed under the
//     customer's key
//   }
//
// A field that is not a plain fact must be a Sealed<T> and name its owner: the overloads accept
// nothing else.
#pragma once

#include "core/base/contract.hpp"
#include "core/base/money.hpp"
#include "core/base/time.hpp"
#include "core/base/uuid.hpp"
#include "core/base/wide.hpp"
#include "core/es/event_store.hpp"
#include "core/es/sealed.hpp"
#include "core/es/sealer.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace factum {

/// Bounds of a value: bytes of a text, elements of a list or map, or the range of an integer.
struct Limits {
  std::size_t max = 500;
  std::size_t min = 0;
  std::int64_t least = INT64_MIN;
  std::int64_t most = INT64_MAX;
  bool decimal = false;  ///< a text must be empty or a plain decimal number such as "-12.50"
};
/// Texts of names, codes and labels: up to `max` bytes of UTF-8. Where they are
/// read from outside they are trimmed, and blank ones are empty: see core/base/text.hpp.
constexpr Limits at_most(std::size_t max) { return Limits{.max = max, .min = 0}; }
constexpr Limits non_empty(std::size_t max = 500) { return Limits{.max = max, .min = 1}; }
constexpr Limits between(std::int64_t least, std::int64_t most) {
  return Limits{.least = least, .most = most};
}
constexpr Limits decimal_text() { return Limits{.max = 40, .decimal = true}; }
/// Free text: mails, notes, descriptions.
inline constexpr Limits kLongText{.max = 200'000};

/// What is known of a field apart from its value. The views point to literals.
struct Field {
  std::string_view name;
  std::string_view doc;
  DataClass data_class = DataClass::fact;
  std::string_view owner;  ///< name of the field that holds the owning subject; empty for facts
  bool is_tag = false;     ///< its ids become tags of the event
  Limits limits;
};

/// The subject a sealed field belongs to: the describing field and its id.
struct Owner {
  std::string_view field;
  Uuid subject;
};
template <class Kind>
Owner by(std::string_view field, const EntityId<Kind>& id) {
  return {field, id.uuid};
}
/// The first that is set; the last one counts even when it is nil.
template <class Kind>
Owner by(std::string_view field, const std::optional<EntityId<Kind>>& id, Owner otherwise) {
  return id ? Owner{field, id->uuid} : otherwise;
}
template <class Kind>
Owner by(std::string_view field, const std::optional<EntityId<Kind>>& id) {
  return {field, id ? id->uuid : Uuid{}};
}

/// The texts of an enumeration, in the order of its enumerators (0, 1, 2 …). Specialise for each
/// enum; order and texts are on disk: only append.
template <class E>
struct Symbols;

/// Walks the fields of a described struct; readers fill the values, writers use them.
class FieldVisitor {
 public:
  enum class Visit {
    skip,     ///< leave the value as it is
    absent,   ///< the value is absent: an optional is emptied
    present,  ///< visit the value, then end_field
  };

  virtual ~FieldVisitor() = default;

  // ---- used by describe functions
  // -------------------------------------------------------------------------

  /// A plain fact: not about a person.
  template <class T>
  void fact(std::string_view name, T& value, std::string_view doc, Limits limits = {}) {
    static_assert(!is_sealed<T>(), "a sealed value is not a plain fact");
    visit_field(Field{.name = name, .doc = doc, .owner = {}, .limits = limits}, value);
  }
  /// The id (optional id, or list of ids) of an entity the event is about: a fact and a tag.
  template <class T>
  void id(std::string_view name, T& value, std::string_view doc) {
    visit_field(Field{.name = name, .doc = doc, .owner = {}, .is_tag = true, .limits = {}}, value);
  }
  template <class T>
  void personal(std::string_view name, Sealed<T>& value, Owner owner, std::string_view doc,
                Limits limits = {}) {
    seal_field(Field{name, doc, DataClass::personal, owner.field, false, limits}, value,
               owner.subject);
  }
  template <class T>
  void sensitive(std::string_view name, Sealed<T>& value, Owner owner, std::string_view doc,
                 Limits limits = {}) {
    seal_field(Field{name, doc, DataClass::sensitive, owner.field, false, limits}, value,
               owner.subject);
  }
  template <class T>
  void quasi(std::string_view name, Sealed<T>& value, Owner owner, std::string_view doc,
             Limits limits = {}) {
    seal_field(Field{name, doc, DataClass::quasi, owner.field, false, limits}, value,
               owner.subject);
  }
  /// A field of a state or answer, where values are already open or sealed references. Never in
  /// events.
  template <class T>
  void shown(std::string_view name, T& value, std::string_view doc, Limits limits = {}) {
    visit_field(Field{.name = name, .doc = doc, .owner = {}, .limits = limits}, value);
  }

  // ---- implemented by readers and writers
  // -----------------------------------------------------------------

  virtual Visit begin_field(const Field& field, bool optional, bool present) = 0;
  /// `state` and `subject` as the value has them; a reader sets `state`.
  virtual Visit begin_sealed(const Field& field, SealState& state, const Uuid& subject) = 0;
  virtual void end_field() = 0;
  virtual void text(std::string& value, const Limits& limits) = 0;
  virtual void integer(std::int64_t& value, const Limits& limits) = 0;
  virtual void wide_integer(Int128& value) = 0;  ///< sums; answers and rows only
  virtual void number(double& value) = 0;  ///< answers only; events and rows have no floating point
  virtual void boolean(bool& value) = 0;
  virtual void uuid(Uuid& value, std::string_view kind) = 0;
  virtual void timestamp(Timestamp& value) = 0;
  virtual void date(Date& value) = 0;
  virtual void money(Money& value) = 0;
  virtual void symbol(std::size_t& index, std::span<const std::string_view> names) = 0;
  virtual void sealed_ref(SealedRef& value) = 0;
  virtual void begin_object() = 0;
  virtual void end_object() = 0;
  /// Writers get and give the size; readers give the number of elements to read.
  virtual std::size_t begin_list(std::size_t size, const Limits& limits) = 0;
  virtual void next_element(std::size_t index) = 0;
  virtual void end_list() = 0;
  /// Writers get and give the keys; readers give those to read.
  virtual std::vector<std::string> begin_map(std::vector<std::string> keys,
                                             const Limits& limits) = 0;
  virtual void next_key(const std::string& key) = 0;
  virtual void end_map() = 0;

  /// Visits one value of any supported type.
  template <class T>
  void value(T& item, const Limits& limits = {});

 private:
  template <class T>
  static constexpr bool is_sealed() {
    return IsSealed<T>::value;
  }
  template <class T>
  void visit_field(const Field& field, T& item);
  template <class T>
  void seal_field(const Field& field, Sealed<T>& sealed, const Uuid& subject);
  template <class T>
  void integer_of(T& item, const Limits& limits);
  template <class T>
  void list_of(std::vector<T>& items, const Limits& limits);
  template <class T>
  void map_of(std::map<std::string, T>& items, const Limits& limits);
};

namespace detail {
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};
template <class T>
struct IsMap : std::false_type {};
template <class T>
struct IsMap<std::map<std::string, T>> : std::true_type {};
template <class T>
struct IsEntityId : std::false_type {};
template <class Kind>
struct IsEntityId<EntityId<Kind>> : std::true_type {};
}  // namespace detail

template <class T>
void FieldVisitor::visit_field(const Field& field, T& item) {
  constexpr bool kOptional = detail::IsOptional<T>::value;
  constexpr bool kCollection = detail::IsVector<T>::value || detail::IsMap<T>::value;
  constexpr bool kReference = std::is_base_of_v<SealedRef, T>;
  bool present = true;
  if constexpr (kOptional || kReference) present = item.has_value();
  switch (begin_field(field, kOptional || kCollection || kReference, present)) {
    case Visit::skip: return;
    case Visit::absent:
      if constexpr (kOptional) item.reset();
      if constexpr (kReference) item = T{};
      if constexpr (kCollection) item.clear();
      return;
    case Visit::present: break;
  }
  if constexpr (kOptional) {
    if (!item) item.emplace();
    value(*item, field.limits);
  } else {
    value(item, field.limits);
  }
  end_field();
}

template <class T>
void FieldVisitor::seal_field(const Field& field, Sealed<T>& sealed, const Uuid& subject) {
  SealState state = sealed.state();
  switch (begin_sealed(field, state, subject)) {
    case Visit::skip: return;
    case Visit::absent: sealed.set_state(state); return;
    case Visit::present: break;
  }
  value(sealed.open_for_visit(), field.limits);
  end_field();
}

template <class T>
void FieldVisitor::integer_of(T& item, const Limits& limits) {
  Limits range = limits;
  range.least = std::max<std::int64_t>(
      range.least,
      std::is_signed_v<T> ? static_cast<std::int64_t>(std::numeric_limits<T>::min()) : 0);
  if constexpr (sizeof(T) < 8)
    range.most = std::min<std::int64_t>(range.most, std::numeric_limits<T>::max());
  auto wide = static_cast<std::int64_t>(item);
  integer(wide, range);
  item = static_cast<T>(wide);
}

template <class T>
void FieldVisitor::list_of(std::vector<T>& items, const Limits& limits) {
  items.resize(begin_list(items.size(), limits));
  for (std::size_t i = 0; i < items.size(); ++i) {
    next_element(i);
    value(items[i]);
  }
  end_list();
}

template <class T>
void FieldVisitor::map_of(std::map<std::string, T>& items, const Limits& limits) {
  std::vector<std::string> keys;
  keys.reserve(items.size());
  for (const auto& [key, item] : items) keys.push_back(key);
  for (const std::string& key : begin_map(std::move(keys), limits)) {
    next_key(key);
    value(items[key]);
  }
  end_map();
}

template <class T>
void FieldVisitor::value(T& item, const Limits& limits) {
  if constexpr (std::is_same_v<T, std::string>) {
    text(item, limits);
  } else if constexpr (std::is_same_v<T, bool>) {
    boolean(item);
  } else if constexpr (std::is_same_v<T, double>) {
    number(item);
  } else if constexpr (std::is_same_v<T, Int128>) {
    wide_integer(item);
  } else if constexpr (std::is_integral_v<T>) {
    integer_of(item, limits);
  } else if constexpr (std::is_same_v<T, Timestamp>) {
    timestamp(item);
  } else if constexpr (std::is_same_v<T, Date>) {
    date(item);
  } else if constexpr (std::is_same_v<T, Money>) {
    money(item);
  } else if constexpr (std::is_same_v<T, Position>) {
    auto wide = static_cast<std::int64_t>(item.value());
    integer(wide, between(0, INT64_MAX));
    item = Position(static_cast<std::uint64_t>(wide));
  } else if constexpr (std::is_same_v<T, Uuid>) {
    uuid(item, "uuid");
  } else if constexpr (detail::IsEntityId<T>::value) {
    uuid(item.uuid, T::kind());
  } else if constexpr (std::is_base_of_v<SealedRef, T>) {
    sealed_ref(item);
  } else if constexpr (std::is_enum_v<T>) {
    auto index = static_cast<std::size_t>(item);
    symbol(index, Symbols<T>::kNames);
    item = static_cast<T>(index);
  } else if constexpr (detail::IsVector<T>::value) {
    list_of(item, limits);
  } else if constexpr (detail::IsMap<T>::value) {
    map_of(item, limits);
  } else if constexpr (IsSealed<T>::value) {
    static_assert(!IsSealed<T>::value, "a sealed value needs personal(), sensitive() or quasi()");
  } else {
    begin_object();
    T::describe(*this, item);
    end_object();
  }
}

}  // namespace factum
