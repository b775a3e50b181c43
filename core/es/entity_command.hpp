// Bases that make commands about one entity terse: target, model, version; and states that only
// know whether an entity is there.
//
//   struct ArchiveCustomer : CommandOn<Customer> {
//     static constexpr std::string_view kName = "ArchiveCustomer", kDoc = "…";
//     std::optional<std::string> reason;
//     static void describe(FieldVisitor&, ArchiveCustomer&);
//     Result<Decision> decide(const Model&, const DecisionContext&) const;
//   };
//
// A command that looks at more than its target declares a Model of its own with a member `self`,
// and its own load.
#pragma once

#include "core/es/decision.hpp"

namespace factum {

namespace detail {
template <class S>
constexpr bool is_subject() {
  if constexpr (requires { S::kIsSubject; }) {
    return S::kIsSubject;
  } else {
    return false;
  }
}
}  // namespace detail

/// A command about an existing entity with state `S`. Whether the target is there is checked before
/// `decide` runs (not_found).
template <class S>
struct CommandOn {
  static constexpr std::string_view kTarget = S::Id::kind();
  static constexpr bool kTargetIsSubject = detail::is_subject<S>();
  static constexpr bool kCreates = false;
  /// False: an import may bring the fact before, or without, what it is about.
  static constexpr bool kImportNeedsTarget = true;

  struct Model {
    Folded<S> self;
  };

  typename S::Id id;  ///< the target

  Uuid& target() { return id.uuid; }
  Result<Model> load(ModelReader& reader) const {
    FACTUM_TRY(auto self, reader.fold<S>(id));
    return Model{std::move(self)};
  }
  template <class M>
  static Position version(const M& model) {
    return model.self.version;
  }
};

/// A command that makes a new entity with state `S`. A target that exists already is refused
/// (already_exists) except in an import, where `decide` yields the differences.
template <class S>
struct CreationOf : CommandOn<S> {
  static constexpr bool kCreates = true;
};

/// Whether an entity is there, known by the event that makes it; for references.
template <class EntityIdType, class Created>
struct Known {
  using Id = EntityIdType;
  using Events = TypeList<Created>;
  void evolve(const Created& /*event*/, const EventInfo& /*info*/) {}
};

}  // namespace factum
