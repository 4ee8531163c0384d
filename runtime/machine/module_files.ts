/** Where insmod() finds the modules that it is given as files or as text. */
import { headers } from '../../kernel/include/headers.js';
import { type Image, LoadError, Loader } from '../loader/index.js';

export interface ModuleFiles {
  /** Of the file or the folder at a path. Errors: LoadError. */
  load(path: string): Image;
  /** Of a text. Errors: LoadError. */
  loadSource(name: string, source: string): Image;
}

/** The image, if it is a module's and not that of a file that one imports; `shown` is what the user knows it by. Errors: LoadError. */
export function declared(image: Image, shown: string): Image {
  if (image.declaresModule) return image;
  throw new LoadError(
    "it declares no module. A module calls MODULE_LICENSE('GPL'), and module_init() and module_exit() where it has something to do: " +
      "import { module_exit, module_init, MODULE_LICENSE } from 'ringzero/linux/module'",
    { file: shown, line: 0, column: 0, source: '' },
  );
}

export const loader = new Loader(headers);

/**
 * Files as they were when each was asked for first. Those who run thousands of machines compare what these do: an edit
 * meanwhile would look like chance. And to ask the file system each time takes as long as a quarter of a short run.
 */
export class FixedFiles implements ModuleFiles {
  private readonly images = new Map<string, { readonly folder: string; readonly image: Image }>();
  /** The text that was loaded last. It may import files, relative to the folder that was the working directory. */
  private latest: { readonly name: string; readonly source: string; readonly image: Image } | null = null;

  load(path: string): Image {
    const folder = process.cwd();
    const known = this.images.get(path);
    if (known?.folder === folder) return known.image;
    const image = loader.load(path);
    this.images.set(path, { folder, image });
    return image;
  }

  loadSource(name: string, source: string): Image {
    const { latest } = this;
    if (latest !== null && latest.source === source && latest.name === name) return latest.image;
    const image = loader.loadSource(name, source);
    this.latest = { name, source, image };
    return image;
  }
}
