// Contacts, and what happened with customers: interactions and survey answers.
#include "api/routes.hpp"
#include "core/crm/contact.hpp"
#include "core/crm/interaction.hpp"
#include "core/crm/survey.hpp"

namespace factum::api {

void add_contact_routes(Routes& routes) {
  using namespace crm;
  routes.entity<Contact>("/v1/contacts/{id}");
  routes.command<CreateContact>("/v1/contacts");
  routes.command<ChangeContactDetails>("/v1/contacts/{id}:change", IfMatch::required);
  routes.command<AddContactPoint>("/v1/contacts/{id}:add_contact_point");
  routes.command<RemoveContactPoint>("/v1/contacts/{id}:remove_contact_point");
  routes.command<LinkContactToCustomer>("/v1/contacts/{id}:link");
  routes.command<UnlinkContactFromCustomer>("/v1/contacts/{id}:unlink");
  routes.command<ArchiveContact>("/v1/contacts/{id}:archive");
  routes.command<RestoreContact>("/v1/contacts/{id}:restore");

  routes.entity<Interaction>("/v1/interactions/{id}");
  routes.command<LogInteraction>("/v1/interactions");
  routes.command<CorrectInteraction>("/v1/interactions/{id}:correct", IfMatch::required);

  routes.entity<Response>("/v1/responses/{id}");
  routes.command<AnswerSurvey>("/v1/responses");
  routes.command<CorrectSurveyAnswer>("/v1/responses/{id}:correct", IfMatch::required);
}

}  // namespace factum::api
