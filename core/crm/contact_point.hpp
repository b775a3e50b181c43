// Ways to reach somebody, and ids of other systems: what customers and contacts have in common.
#pragma once

#include "core/crm/common.hpp"
#include "core/es/decision.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace factum::crm {

/// An id of another system, as commands give it.
struct NewExternalId {
  std::string system;
  std::string external_id;

  static void describe(FieldVisitor& v, NewExternalId& e);
};

/// A way to reach somebody, as commands give it.
struct NewContactPoint {
  ContactPointKind kind = {};
  std::optional<std::string> label;
  std::optional<std::string> value;
  std::optional<PostalAddress> address;

  static void describe(FieldVisitor& v, NewContactPoint& p);
};

/// An id of another system, as states keep it.
struct KnownExternalId {
  std::string system;
  Sealed<std::string> external_id;

  static void describe(FieldVisitor& v, KnownExternalId& e);
};

/// A way to reach somebody, as states keep it.
struct KnownContactPoint {
  std::string point;
  ContactPointKind kind = {};
  std::optional<std::string> label;
  Sealed<std::string> value;
  Sealed<PostalAddress> address;
  Uuid added_by;  ///< the event

  static void describe(FieldVisitor& v, KnownContactPoint& p);
};

/// The contact points of one customer or contact, in the order they were added.
struct ContactPoints {
  std::vector<KnownContactPoint> points;
  std::int64_t added = 0;  ///< how many there ever were; numbers are not used again

  void add(KnownContactPoint point);
  void remove(std::string_view point);
  const KnownContactPoint* find(std::string_view point) const;
  /// The point with the same content, or null.
  const KnownContactPoint* find_same(const NewContactPoint& wanted) const;
  /// The normalised e-mail addresses, without duplicates.
  std::vector<std::string> emails() const;
};

/// The normalised e-mail address of a contact point; empty for other kinds.
std::string email_of(const NewContactPoint& point);
std::string email_of(const KnownContactPoint& point);

/// What a list of contact points from an import changes. A wanted point replaces the first one of
/// the same kind and label that is not wanted itself; others stay.
struct ContactPointChanges {
  std::vector<KnownContactPoint> removed;
  std::vector<NewContactPoint> added;
};
ContactPointChanges contact_point_changes(const ContactPoints& now,
                                          const std::vector<NewContactPoint>& wanted);
/// What adding one point changes: nothing if it is there. An import that corrects what it added
/// replaces that point. Errors: rule_violation import.gone_on if it was removed since.
Result<ContactPointChanges> contact_point_added(const ContactPoints& now,
                                                const NewContactPoint& wanted,
                                                const DecisionContext& context);

/// Who holds which normalised e-mail address; free ones are left out.
using EmailHolders = std::map<std::string, std::string>;
/// Looks the e-mail addresses of `points` up in a claim space.
Result<EmailHolders> load_email_holders(ModelReader& reader, std::string_view space,
                                        const std::vector<NewContactPoint>& points);
/// The added addresses that somebody other than `self` holds.
std::vector<std::string> taken_emails(const ContactPointChanges& changes,
                                      const EmailHolders& holders, const std::string& self);

/// Takes and releases claims on e-mail addresses for the points that come and go. `before`: all
/// points before. Addresses in `not_ours` belong to others: they are left alone, except that a
/// corrected import moves them, since two of its rows may have been mixed up.
void claim_emails(Decision& decision, std::string_view space, const std::string& holder,
                  const ContactPoints& before, const ContactPointChanges& changes,
                  const std::vector<std::string>& not_ours, const DecisionContext& context);

/// Requires that every point says something and that e-mail addresses look like one.
Status check_contact_points(Decision& decision, const std::vector<NewContactPoint>& points,
                            const DecisionContext& context);

/// True if nobody or `self` holds a value.
bool is_free(const std::optional<std::string>& holder, const std::string& self);

namespace rules {
inline constexpr Rule kContactPointEmpty{"contact_point.empty",
                                         "a contact point needs a value or an address"};
inline constexpr Rule kContactPointNoEmail{"contact_point.no_email",
                                           "an e-mail address needs an @"};
}  // namespace rules

}  // namespace factum::crm
