import type { FastifyRequest } from "fastify";
import type { MountList } from "../../broker/mounts.ts";
import { noHandler } from "../answer/http-error.ts";
import type { VaultApp } from "../app-types.ts";
import { scoped } from "../gate/offers.ts";
import { MOUNT, OF_MOUNT } from "../input/mounted.ts";
import { textsByName } from "../input/texts-by-name.ts";

/** What the routes of mounts know of the one that a request names. */
export interface MountRoutes {
  /** Where their patterns have it. */
  readonly root: string;
  path(request: FastifyRequest): string;
  /** Where its data are. Throws where it is there no more. */
  place(request: FastifyRequest): string;
}

/** Adds routes that all mounts have, whichever there will be. */
export function ofEachMount(
  app: VaultApp,
  mounts: MountList,
  routes: (scope: VaultApp, at: MountRoutes) => void,
): void {
  scoped(app, (scope) => {
    scope.addHook("onRoute", (route) => {
      route.constraints = OF_MOUNT;
    });
    routes(scope, routesOf(mounts));
  });
}

function routesOf(mounts: MountList): MountRoutes {
  const path = ({ params }: FastifyRequest) => textsByName(params).mount ?? "";
  return {
    root: `/v1/${MOUNT}`,
    path,
    place: (request) => {
      const found = mounts.at(path(request));
      if (!found) throw noHandler(path(request));
      return found.place;
    },
  };
}
