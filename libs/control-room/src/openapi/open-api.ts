import { Injectable } from '@nestjs/common';
import { type OpenAPIObject } from '@nestjs/swagger';

/** Holds the document, which can only be made when every route is known. */
@Injectable()
export class OpenApi {
  #document: OpenAPIObject | undefined;

  set document(document: OpenAPIObject) {
    this.#document = document;
  }

  get document(): OpenAPIObject {
    if (this.#document === undefined) throw new Error('the document is made before the first request');
    return this.#document;
  }
}
