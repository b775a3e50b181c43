#include "core/crm/contact_point.hpp"

#include "core/crm/normalise.hpp"

#include <algorithm>

namespace factum::crm {
namespace {

// States are about one subject, whose id stands in their field "id".
const Owner kSelf{"id", {}};

bool contains(const std::vector<std::string>& all, const std::string& one) {
  return std::find(all.begin(), all.end(), one) != all.end();
}

bool is_same(const KnownContactPoint& known, const NewContactPoint& wanted) {
  return known.kind == wanted.kind && known.label == wanted.label &&
         known.value.open_value().value_or("") == wanted.value.value_or("") &&
         known.address.open_value() == wanted.address;
}

}  // namespace

void NewExternalId::describe(FieldVisitor& v, NewExternalId& e) {
  v.fact("system", e.system, "The other system, a code", non_empty(100));
  v.fact("external_id", e.external_id, "The id there", non_empty(200));
}

void NewContactPoint::describe(FieldVisitor& v, NewContactPoint& p) {
  v.fact("kind", p.kind, "What kind it is");
  v.fact("label", p.label, "work, home, billing", at_most(100));
  v.fact("value", p.value, "E-mail address, number or link", at_most(500));
  v.fact("address", p.address, "Postal address");
}

void KnownExternalId::describe(FieldVisitor& v, KnownExternalId& e) {
  v.fact("system", e.system, "The other system");
  v.personal("external_id", e.external_id, kSelf, "The id there");
}

void KnownContactPoint::describe(FieldVisitor& v, KnownContactPoint& p) {
  v.fact("point", p.point, "Id of the contact point");
  v.fact("kind", p.kind, "What kind it is");
  v.fact("label", p.label, "work, home, billing");
  v.personal("value", p.value, kSelf, "E-mail address, number or link");
  v.personal("address", p.address, kSelf, "Postal address");
}

void ContactPoints::add(KnownContactPoint point) {
  ++added;
  points.push_back(std::move(point));
}

void ContactPoints::remove(std::string_view point) {
  std::erase_if(points, [&](const KnownContactPoint& known) { return known.point == point; });
}

const KnownContactPoint* ContactPoints::find(std::string_view point) const {
  const auto found = std::find_if(points.begin(), points.end(),
                                  [&](const auto& known) { return known.point == point; });
  return found == points.end() ? nullptr : &*found;
}

const KnownContactPoint* ContactPoints::find_same(const NewContactPoint& wanted) const {
  const auto found = std::find_if(points.begin(), points.end(),
                                  [&](const auto& known) { return is_same(known, wanted); });
  return found == points.end() ? nullptr : &*found;
}

std::vector<std::string> ContactPoints::emails() const {
  std::vector<std::string> all;
  for (const KnownContactPoint& point : points) {
    std::string email = email_of(point);
    if (!email.empty() && !contains(all, email)) all.push_back(std::move(email));
  }
  return all;
}

std::string email_of(const NewContactPoint& point) {
  return point.kind == ContactPointKind::email ? normalise_email(point.value.value_or(""))
                                               : std::string{};
}

std::string email_of(const KnownContactPoint& point) {
  const bool readable = point.kind == ContactPointKind::email && point.value.is_open();
  return readable ? normalise_email(point.value.get()) : std::string{};
}

ContactPointChanges contact_point_changes(const ContactPoints& now,
                                          const std::vector<NewContactPoint>& wanted) {
  ContactPointChanges changes;
  std::vector<KnownContactPoint> replaceable;
  for (const KnownContactPoint& known : now.points) {
    const bool kept = std::any_of(wanted.begin(), wanted.end(),
                                  [&](const auto& point) { return is_same(known, point); });
    if (!kept) replaceable.push_back(known);
  }
  for (const NewContactPoint& point : wanted) {
    if (now.find_same(point) != nullptr) continue;
    const auto old = std::find_if(replaceable.begin(), replaceable.end(), [&](const auto& known) {
      return known.kind == point.kind && known.label == point.label;
    });
    if (old != replaceable.end()) {
      changes.removed.push_back(*old);
      replaceable.erase(old);
    }
    changes.added.push_back(point);
  }
  return changes;
}

Result<ContactPointChanges> contact_point_added(const ContactPoints& now,
                                                const NewContactPoint& wanted,
                                                const DecisionContext& context) {
  if (now.find_same(wanted) != nullptr) return ContactPointChanges{};
  if (!context.corrects) return ContactPointChanges{{}, {wanted}};
  const auto old = std::find_if(now.points.begin(), now.points.end(), [&](const auto& known) {
    return known.added_by == *context.corrects;
  });
  if (old == now.points.end())
    return refuse("import.gone_on", "more has happened since; correct it by hand");
  return ContactPointChanges{{*old}, {wanted}};
}

Result<EmailHolders> load_email_holders(ModelReader& reader, std::string_view space,
                                        const std::vector<NewContactPoint>& points) {
  EmailHolders holders;
  for (const NewContactPoint& point : points) {
    const std::string email = email_of(point);
    if (email.empty()) continue;
    FACTUM_TRY(auto holder, reader.holder(space, email));
    if (holder) holders.emplace(email, std::move(*holder));
  }
  return holders;
}

std::vector<std::string> taken_emails(const ContactPointChanges& changes,
                                      const EmailHolders& holders, const std::string& self) {
  std::vector<std::string> taken;
  for (const NewContactPoint& point : changes.added) {
    const auto held = holders.find(email_of(point));
    if (held != holders.end() && held->second != self) taken.push_back(held->first);
  }
  return taken;
}

void claim_emails(Decision& decision, std::string_view space, const std::string& holder,
                  const ContactPoints& before, const ContactPointChanges& changes,
                  const std::vector<std::string>& not_ours, const DecisionContext& context) {
  ContactPoints after = before;
  for (const KnownContactPoint& point : changes.removed) after.remove(point.point);
  std::vector<std::string> kept = after.emails();
  for (const NewContactPoint& point : changes.added) {
    std::string email = email_of(point);
    if (!email.empty() && !contains(kept, email)) kept.push_back(std::move(email));
  }
  const std::vector<std::string> held = before.emails();
  for (const std::string& email : held) {
    if (!contains(kept, email))
      decision.claim(std::string(space), email, Claim::Action::release, holder);
  }
  for (const std::string& email : kept) {
    if (contains(held, email)) continue;
    const bool free = !contains(not_ours, email);
    if (free || context.again) {
      decision.claim(std::string(space), email, free ? Claim::Action::take : Claim::Action::move,
                     holder);
    }
  }
}

Status check_contact_points(Decision& decision, const std::vector<NewContactPoint>& points,
                            const DecisionContext& context) {
  for (const NewContactPoint& point : points) {
    const bool empty = point.value.value_or("").empty() && !point.address;
    FACTUM_CHECK(decision.require(!empty, rules::kContactPointEmpty, context));
    const bool is_email = point.kind == ContactPointKind::email;
    FACTUM_CHECK(decision.require(!is_email || empty || !email_of(point).empty(),
                                  rules::kContactPointNoEmail, context));
  }
  return {};
}

bool is_free(const std::optional<std::string>& holder, const std::string& self) {
  return !holder || *holder == self;
}

}  // namespace factum::crm
